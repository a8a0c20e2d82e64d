
// ---- Turn: a question with its cards and what was read.

class TurnView {
  constructor(question, names) {
    this.element = make("section", "turn");
    this.element.append(make("h2", "", question));
    const known = run.examples.find((example) => example.text.trim() === question.trim());
    if (known) {
      const gold = make("p", "gold", known.gold.length ? "Expected: " : "Expected: no answer, the documents do not tell. ");
      if (known.gold.length) gold.append(make("b", "", known.gold[0]), " ");
      gold.append("(a held-out question of the run)");
      this.element.append(gold);
    }
    const cards = make("div", "cards");
    this.cards = new Map(names.map((name) => [name, new Card(this, name, names.length === 1)]));
    for (const card of this.cards.values()) cards.append(card.element);
    this.readings = new Map();
    this.element.append(cards);
  }

  handle(event) {
    const card = this.cards.get(event.method || (event.reply && event.reply.method));
    if (event.type === "turn") card.begin();
    else if (event.type === "text") card.write(event.text);
    else if (event.type === "raw") card.raw(event.text);
    else if (event.type === "found") this.found(card, event.passages);
    else if (event.type === "reply") {
      card.finish(event.reply);
      for (const reading of this.readings.values()) if (reading.readers.includes(card)) reading.draw();
    }
  }

  found(card, passages) {
    card.found(passages.length);
    const key = JSON.stringify(passages.map((passage) => passage.id));
    if (!this.readings.has(key)) {
      this.readings.set(key, new Reading(passages));
      this.element.append(this.readings.get(key).element);
    }
    this.readings.get(key).add(card);
    for (const reading of this.readings.values()) reading.name(this.cards.size > 1);
  }

  hold(card) {
    for (const reading of this.readings.values()) reading.hold(card);
  }

  point(reply) {
    for (const reading of this.readings.values()) {
      if (!reading.readers.some((card) => card.name === reply.method)) continue;
      const found = reading.items[reading.passages.findIndex((passage) => passage.rank === reply.citation.rank)];
      found.item.scrollIntoView({ block: "nearest" });
      found.item.classList.remove("shine");
      void found.item.offsetWidth; // begins the animation anew
      found.item.classList.add("shine");
    }
  }

  stop() {
    for (const card of this.cards.values()) {
      if (card.reply) continue;
      card.stop();
      if (card.answer.hidden) {
        card.doing.hidden = false;
        card.doing.textContent = "stopped";
      }
    }
  }
}
