"use strict";
(() => {
  const PAGE = 20;
  const data = JSON.parse(document.getElementById("answers-data").textContent);
  const label = new Map(data.methods);
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const found = document.getElementById("found");
  const pager = document.getElementById("pager");
  const fields = ["kind", "method", "state", "cause", "text", "disagree"];
  let page = 0;
  let only = "";

  // Text from documents and models enters the page through textContent alone, never as markup.
  const make = (tag, kind, text) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const named = (method) => label.get(method) || method;
  const whose = (answer) => named(answer.m) + (data.seeds > 1 ? `, seed ${answer.s}` : "");
  const right = (answer) => answer.v.exact_match === 1 || answer.v.contains === 1;
  const points = (value) => (typeof value === "number" ? value.toFixed(2) : "n/a");

  for (const question of data.questions) {
    const texts = [question.id, question.q, ...question.g, ...question.a.map((answer) => answer.t)];
    question.text = texts.join("\n").toLowerCase();
    const verdicts = question.a.map(right);
    question.split = verdicts.includes(true) && verdicts.includes(false);
  }

  const fill = (name, first, entries) => {
    form.elements[name].append(new Option(first, ""), ...entries.map(([value, text]) => new Option(text, value)));
  };
  const distinct = (values) => [...new Set(values)].sort().map((value) => [value, value]);
  const causes = distinct(data.questions.flatMap((question) => question.a.map((answer) => answer.c)).filter(Boolean));
  fill("kind", "all kinds", distinct(data.questions.map((question) => question.k)));
  fill("method", "any method", data.methods);
  fill("cause", "any cause", causes);
  document.getElementById("cause-label").hidden = causes.length === 0;

  const state = () =>
    Object.fromEntries(fields.map((name) => [name, name === "disagree" ? form.elements[name].checked : form.elements[name].value]));

  const matches = (question, want) => {
    if (want.kind && question.k !== want.kind) return false;
    if (want.disagree && !question.split) return false;
    if (want.text && !question.text.includes(want.text.toLowerCase().trim())) return false;
    if (!want.method && !want.state && !want.cause) return true;
    return question.a.some(
      (answer) =>
        (!want.method || answer.m === want.method) &&
        (!want.state || right(answer) === (want.state === "right")) &&
        (!want.cause || answer.c === want.cause),
    );
  };

  const writeHash = () => {
    const words = new URLSearchParams();
    if (only) words.set("q", only);
    else {
      for (const [name, value] of Object.entries(state())) if (value) words.set(name, value === true ? "1" : value);
      if (page) words.set("page", String(page + 1));
    }
    const text = words.toString();
    history.replaceState(null, "", text ? `#answers?${text}` : "#answers");
  };

  const readHash = () => {
    if (!location.hash.startsWith("#answers")) return false;
    const words = new URLSearchParams(location.hash.split("?")[1] || "");
    only = words.get("q") || "";
    page = Math.max(0, (parseInt(words.get("page"), 10) || 1) - 1);
    for (const name of fields) {
      if (name === "disagree") form.elements[name].checked = words.get(name) === "1";
      else form.elements[name].value = words.get(name) || "";
      if (form.elements[name].selectedIndex === -1) form.elements[name].value = "";
    }
    return true;
  };

  const passage = ([place, rank, score, gold]) => {
    const source = data.passages[place];
    const box = make("div", gold ? "passage is-gold" : "passage");
    const title = source.t && source.t !== source.d ? `${source.t} (${source.d})` : source.d;
    const head = make("div", "head", `${rank}. ${title}${score === null ? "" : `, score ${score.toFixed(3)}`}`);
    if (gold) head.append(" ", make("b", "", "gold"));
    box.append(head, make("p", "", source.x));
    return box;
  };

  // Details are built when first opened: a thousand questions have tens of thousands of passages.
  const lazy = (title, build) => {
    const details = make("details");
    details.append(make("summary", "", title));
    details.addEventListener("toggle", () => {
      if (details.open && details.childElementCount === 1) details.append(...build());
    });
    return details;
  };

  const facts = (answer) => {
    const box = make("div", "facts");
    const scores = Object.entries(answer.v).map(([name, value]) => `${data.metrics[name]} ${points(value)}`);
    const costs = [];
    if (answer.i !== undefined) costs.push(`${answer.i} tokens in`);
    if (answer.o !== undefined) costs.push(`${answer.o} out`);
    if (answer.sec !== undefined) costs.push(`${answer.sec.toFixed(3)} s`);
    if (answer.bad) costs.push("could not be parsed");
    if (answer.cut) costs.push("cut off at the token limit");
    if (answer.e) costs.push(`error: ${answer.e}`);
    if (answer.c) costs.push(`cause: ${answer.c}`);
    box.append(make("div", "name", whose(answer)), make("div", "", scores.join(" · ")), make("div", "", costs.join(" · ")));
    if (answer.r !== undefined && answer.r !== null) box.append(make("pre", "", answer.r));
    return box;
  };

  const row = (answer) => {
    const good = right(answer);
    const line = make("div", good ? "answer is-right" : "answer is-wrong");
    const what = make("span", answer.t ? "what" : "what empty", answer.t || "(empty)");
    line.append(make("span", "who", whose(answer)), what);
    line.append(make("span", "mark", good ? "✓ right" : "✗ wrong"), make("span", "points", points(answer.v[data.primary])));
    return line;
  };

  const item = (question) => {
    const box = make("article", "item");
    const about = make("p", "about", `${question.k} · `);
    const link = make("a", "", question.id);
    link.href = `#answers?${new URLSearchParams({ q: question.id })}`;
    about.append(link);
    const gold = make("p", "gold");
    gold.append(make("b", "", "Gold "), question.g.length ? question.g.join(" / ") : "none: the documents do not answer this");
    box.append(make("h3", "", question.q), about, gold, ...question.a.map(row));
    question.h.forEach((hits, place) => {
      const readers = question.a.filter((answer) => answer.h === place).map(whose);
      box.append(lazy(`Passages read by ${readers.join(", ")}`, () => hits.map(passage)));
    });
    box.append(lazy("Scores, tokens and raw output", () => question.a.map(facts)));
    return box;
  };

  const show = () => {
    const want = state();
    const hits = data.questions.filter((question) => (only ? question.id === only : matches(question, want)));
    const pages = Math.max(1, Math.ceil(hits.length / PAGE));
    page = Math.min(page, pages - 1);
    found.textContent = `${hits.length} of ${data.questions.length} questions. Score on the right: ${data.metrics[data.primary] || data.primary}. `;
    if (only) {
      const all = make("a", "", "Show all");
      all.href = "#answers";
      found.append(all);
    }
    list.replaceChildren(...hits.slice(page * PAGE, (page + 1) * PAGE).map(item));
    if (only) list.querySelectorAll("details").forEach((details) => (details.open = true));
    pager.hidden = pages === 1;
    document.getElementById("position").textContent = `page ${page + 1} of ${pages}`;
    document.getElementById("previous").disabled = page === 0;
    document.getElementById("next").disabled = page === pages - 1;
  };

  const turn = (by) => {
    page += by;
    show();
    writeHash();
    document.getElementById("answers").scrollIntoView();
  };

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    page = 0;
    only = "";
    show();
    writeHash();
  });
  document.getElementById("previous").addEventListener("click", () => turn(-1));
  document.getElementById("next").addEventListener("click", () => turn(1));
  const follow = () => {
    const mine = readHash();
    show();
    if (mine) document.getElementById("answers").scrollIntoView();
  };
  addEventListener("hashchange", () => location.hash.startsWith("#answers") && follow());
  form.hidden = false;
  follow();
})();
