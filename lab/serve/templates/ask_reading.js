
// ---- Reading: passages that some methods read, with the words of their answers marked.

class Reading {
  constructor(passages) {
    this.readers = [];
    this.passages = passages;
    this.element = make("section", "read");
    this.title = make("h3", "", "Passages");
    this.list = make("ol");
    this.items = passages.map((passage) => {
      const item = make("li", "passage");
      const head = make("p", "head");
      head.append(make("b", "", passage.title || passage.document));
      if (passage.title && passage.title !== passage.document) head.append(make("span", "", passage.document));
      if (passage.pages) head.append(make("span", "", `p. ${passage.pages}`));
      head.append(make("span", "", `score ${passage.score_shown}`));
      const text = make("p", "text", passage.text);
      const body = make("div");
      body.append(head, text);
      item.append(make("span", "rank", `[${passage.rank}]`), body);
      this.list.append(item);
      return { item, head, text };
    });
    this.element.append(this.title, this.list);
  }

  add(card) {
    this.readers.push(card);
  }

  name(several) {
    this.title.replaceChildren("Passages");
    if (several) {
      const labels = this.readers.map((card) => methods.get(card.name).label).join(", ");
      this.title.append(" ", make("span", "", `read by ${labels}`));
    }
  }

  // Spans count code points; between two borders the same methods mark the text.
  draw() {
    const done = this.readers.filter((card) => card.reply);
    this.passages.forEach((passage, place) => {
      const letters = Array.from(passage.text);
      const spans = done.flatMap((card) => card.reply.passages[place].marks.map(([start, end]) => ({ start, end, by: card.name })));
      const borders = [...new Set([0, letters.length, ...spans.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
      const parts = [];
      for (let at = 0; at + 1 < borders.length; at++) {
        const [start, end] = [borders[at], borders[at + 1]];
        const text = letters.slice(start, end).join("");
        const by = [...new Set(spans.filter((span) => span.start <= start && end <= span.end).map((span) => span.by))];
        if (by.length === 0) {
          parts.push(document.createTextNode(text));
        } else {
          const mark = make("mark", "", text);
          mark.dataset.by = JSON.stringify(by);
          parts.push(mark);
        }
      }
      const { item, head, text } = this.items[place];
      text.replaceChildren(...parts);
      item.classList.toggle("cited", done.some((card) => card.reply.citation && card.reply.citation.rank === passage.rank));
      const unread = done.length > 0 && done.every((card) => !card.reply.passages[place].shown);
      if (unread && !item.classList.contains("unread")) head.append(make("span", "", "not read: the prompt had no room"));
      item.classList.toggle("unread", unread);
    });
  }

  hold(card) {
    if (card && this.readers.includes(card)) this.element.dataset.colour = methods.get(card.name).colour;
    else delete this.element.dataset.colour;
    for (const mark of this.element.querySelectorAll("mark")) {
      mark.classList.toggle("off", card !== null && !JSON.parse(mark.dataset.by).includes(card.name));
    }
  }
}
