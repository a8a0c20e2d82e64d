"use strict";
(() => {
  const run = JSON.parse(document.getElementById("run").textContent);
  const methods = new Map(run.methods.map((method) => [method.name, method]));
  const byId = (id) => document.getElementById(id);
  const form = byId("form"), box = byId("question"), send = byId("send");
  let running = null;

  // Everything from documents and models goes through here, as text.
  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const sign = (name) => document.querySelector(`template[data-mark="${CSS.escape(name)}"]`).content.cloneNode(true);

  for (const method of run.methods) {
    const pill = make("label", "pill");
    pill.dataset.colour = method.colour;
    pill.title = method.about;
    const tick = make("input", "unseen");
    tick.type = "checkbox";
    tick.name = "method";
    tick.value = method.name;
    tick.checked = true;
    pill.append(tick, sign(method.name), make("span", "", method.label));
    if (method.score !== null) {
      const score = make("small", "", method.score);
      score.title = run.metric;
      pill.append(score);
    }
    if (method.chosen) pill.append(make("span", "best", run.recommended ? "recommended" : "best"));
    byId("methods").append(pill);
  }

  if (run.methods.some((method) => method.score !== null)) {
    byId("methods").append(make("small", "scale", `${run.metric} in the run`));
  }

  const SHOWN = 3;
  let first = 0;
  const showExamples = () => {
    const place = byId("examples");
    place.replaceChildren(place.firstElementChild);
    const count = Math.min(SHOWN, run.examples.length);
    for (let step = 0; step < count; step++) {
      const example = run.examples[(first + step) % run.examples.length];
      const button = make("button", "", example.text);
      button.type = "button";
      button.addEventListener("click", () => {
        box.value = example.text;
        form.requestSubmit();
      });
      place.append(button);
    }
    if (run.examples.length > SHOWN) {
      const more = make("button", "more", "Other questions");
      more.type = "button";
      more.addEventListener("click", () => {
        first = (first + SHOWN) % run.examples.length;
        showExamples();
      });
      place.append(more);
    }
    place.hidden = count === 0;
  };
  showExamples();

  byId("code").textContent = [
    "from openai import OpenAI",
    "",
    `client = OpenAI(base_url="${location.origin}/v1", api_key="none")`,
    `reply = client.chat.completions.create(`,
    `    model="${(run.methods.find((method) => method.chosen) || run.methods[0]).name}",`,
    `    messages=[{"role": "user", "content": "..."}],`,
    ")",
    "print(reply.choices[0].message.content)",
    'print(reply.choices[0].message.lab["passages"])',
  ].join("\n");

  class Card {
    constructor(turn, name, alone) {
      const method = methods.get(name);
      this.turn = turn;
      this.name = name;
      this.element = make("article", alone ? "card alone" : "card");
      this.element.dataset.colour = method.colour;
      this.element.dataset.method = name;
      const head = make("h3");
      head.append(sign(name), make("span", "", method.label));
      if (method.chosen && !alone) head.append(make("span", "best", run.recommended ? "recommended" : "best"));
      this.reason = make("p", "reason");
      this.reason.hidden = true;
      this.answer = make("p", "answer");
      this.answer.hidden = true;
      this.doing = make("p", "doing", "waits for its turn");
      this.foot = make("div", "foot");
      this.element.append(head, this.reason, this.doing, this.answer, this.foot);
      const hold = (held) => () => turn.hold(held ? this : null);
      this.element.addEventListener("pointerenter", hold(true));
      this.element.addEventListener("pointerleave", hold(false));
      this.element.addEventListener("focusin", hold(true));
      this.element.addEventListener("focusout", hold(false));
    }

    begin() {
      this.element.classList.add("writing");
      this.element.setAttribute("aria-busy", "true");
      this.doing.textContent = methods.get(this.name).reads ? "looks for passages" : "reads the question";
    }

    found(count) {
      this.doing.textContent = count === 1 ? "reads a passage" : `reads ${count} passages`;
    }

    raw(text) {
      if (!run.reasons) return;
      this.reason.hidden = false;
      this.reason.textContent += text;
      this.reason.scrollTop = this.reason.scrollHeight;
    }

    write(text) {
      this.doing.hidden = true;
      this.answer.hidden = false;
      this.answer.textContent += text;
    }

    finish(reply) {
      this.stop();
      this.reply = reply;
      this.answer.hidden = false;
      this.answer.textContent = reply.answer;
      if (!reply.answer || reply.abstained) this.answer.classList.add("none");
      if (!reply.answer) this.answer.textContent = "(nothing)";
      if (reply.citation) {
        const cite = make("button", "cite", reply.shown.note);
        cite.type = "button";
        cite.addEventListener("click", () => this.turn.point(reply));
        this.foot.append(cite);
      } else {
        this.foot.append(make("p", "", reply.shown.note));
      }
      for (const line of reply.shown.warnings) this.foot.append(make("p", "warn", line));
      for (const line of reply.shown.took) this.foot.append(make("p", "", line));
    }

    stop() {
      this.element.classList.remove("writing");
      this.element.removeAttribute("aria-busy");
      this.doing.hidden = true;
    }
  }

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

  const say = (text) => { byId("status").textContent = text; };
  const complain = (text) => {
    byId("alert").textContent = text;
    byId("alert").hidden = !text;
  };

  async function* events(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const blocks = (rest + value).split("\n\n");
      rest = blocks.pop();
      for (const block of blocks) if (block.startsWith("data: ")) yield JSON.parse(block.slice(6));
    }
  }

  async function ask(question, names, signal, turn) {
    const response = await fetch("/api/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ question, methods: names }),
      signal,
    });
    if (!response.ok) {
      const body = await response.json().catch(() => null);
      throw new Error(body && body.error ? body.error.message : `the server said ${response.status}`);
    }
    let ended = false;
    for await (const event of events(response)) {
      if (event.type === "queued") say(event.ahead ? `waits for ${event.ahead} other question${event.ahead > 1 ? "s" : ""}` : "");
      else if (event.type === "failed") throw new Error(event.message);
      else if (event.type === "end") ended = true;
      else {
        if (event.type === "turn") say(`${methods.get(event.method).label} answers`);
        turn.handle(event);
      }
    }
    if (!ended) throw new Error("the server ended the connection before the answer was whole");
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (running) {
      running.abort();
      return;
    }
    const question = box.value.trim();
    const names = [...form.querySelectorAll("input[name=method]:checked")].map((tick) => tick.value);
    complain("");
    if (!question) return;
    if (names.length === 0) {
      complain("Choose a method that answers.");
      return;
    }
    running = new AbortController();
    send.textContent = "Stop";
    send.classList.add("stop");
    const turn = new TurnView(question, names);
    byId("turns").prepend(turn.element);
    try {
      await ask(question, names, running.signal, turn);
      say("");
    } catch (error) {
      say("");
      if (error.name === "AbortError") say("stopped");
      else complain(error instanceof TypeError ? "The server does not answer; is lab serve still running?" : error.message);
    } finally {
      turn.stop();
      running = null;
      send.textContent = "Ask";
      send.classList.remove("stop");
    }
  });

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    if (!running) form.requestSubmit();
  });
  box.focus();
})();
