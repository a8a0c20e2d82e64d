"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows, PER_PAGE = 20, STORE = "review " + data.key;
  const FIELDS = ["question", "answer", "kind"];
  const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
  const byId = name => document.getElementById(name);
  let work = load(), found = rows, page = 0, current = 0, saved = true;

  function load() {
    try { return new Map(JSON.parse(localStorage.getItem(STORE) || "[]")); } catch { return new Map(); }
  }
  function keep() {
    saved = false;
    try { localStorage.setItem(STORE, JSON.stringify([...work])); } catch { /* a file of some browsers keeps nothing */ }
  }
  const said = row => work.get(row.id) || {};
  const value = (row, field) => said(row)[field] ?? row[field] ?? "";
  const flat = text => text.split(/\s+/).filter(Boolean).join(" ");
  const differs = (row, field) => flat(value(row, field)) !== flat(row[field] ?? "");
  const changed = row => FIELDS.some(field => differs(row, field));
  const stands = row => said(row).keep || (changed(row) ? "yes" : "");

  function set(row, field, text) {
    const one = { ...said(row), [field]: text };
    if (field in row && flat(text) === flat(row[field])) delete one[field];
    if (!text) { if (!(field in row)) delete one[field]; }
    if (Object.keys(one).length) work.set(row.id, one); else work.delete(row.id);
    keep();
    count();
  }

  function make(tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, content] of Object.entries(attributes || {})) {
      if (name === "on") for (const [event, listener] of Object.entries(content)) node.addEventListener(event, listener);
      else if (content !== null && content !== undefined) node.setAttribute(name, content);
    }
    node.append(...children);
    return node;
  }

  function reading(part) {
    const text = make("blockquote", { dir: "auto" });
    part.pieces.forEach((piece, place) => piece && text.append(place % 2 ? make("mark", {}, piece) : piece));
    const name = part.title && part.title !== part.document ? `${part.title} (${part.document})` : part.document;
    return make("div", { class: "reading" }, make("p", { class: "source", dir: "auto" }, name), text);
  }

  function field(row, name, label, node) {
    node.value = value(row, name);
    node.addEventListener("input", () => { set(row, name, node.value); show(row); });
    return make("label", { class: name }, label, node);
  }

  function grow(area) { area.style.height = "auto"; area.style.height = `${area.scrollHeight + 2}px`; }

  function card(row, place) {
    const area = () => ({ rows: 1, dir: "auto", autocomplete: "off", on: {
      input: event => grow(event.target),
      keydown: event => { if (event.key === "Enter") { event.preventDefault(); point(place, true); } },
    } });
    const question = make("textarea", area()), answer = make("textarea", { ...area(), placeholder: "no answer" });
    const kind = make("select", {}, ...data.kinds.map(name => make("option", {}, name)));
    const note = make("input", { type: "text", dir: "auto", autocomplete: "off" });
    note.value = value(row, "note");
    note.addEventListener("input", () => set(row, "note", note.value));
    return make("article", { class: "card", tabindex: "-1", "data-place": place, "aria-label": `Question ${place + 1}`,
      on: { focusin: () => point(place, false), click: () => point(place, false) } },
      make("p", { class: "about" }, make("b", { class: "state" }), make("span", {}, `${place + 1} of ${found.length}`),
        make("span", {}, `written by ${row.maker === "person" ? "a person" : row.maker}`), make("span", { dir: "auto" }, row.id)),
      make("div", { class: "fields" }, field(row, "question", "Question", question), field(row, "answer", "Answer", answer),
        field(row, "kind", "Kind", kind)),
      ...(row.parts.length ? row.parts.map(reading) : [make("p", { class: "reading none" }, "No document is named for this question.")]),
      make("div", { class: "actions" },
        make("button", { type: "button", class: "accept", on: { click: () => decide(row, "yes") } }, "Accept"),
        make("button", { type: "button", class: "away", on: { click: () => decide(row, "no") } }, "Turn away"),
        make("button", { type: "button", class: "undo", on: { click: () => undo(row) } }, "Undo"),
        make("label", {}, "Note", note)));
  }

  const cardOf = row => byId("cards").querySelector(`[data-place="${found.indexOf(row)}"]`);

  function show(row) {
    const node = cardOf(row);
    if (!node) return;
    const state = stands(row);
    node.classList.toggle("is-yes", state === "yes");
    node.classList.toggle("is-no", state === "no");
    const word = state === "no" ? "turned away" : changed(row) ? "corrected" : state === "yes" ? "accepted" : "not looked at";
    const label = node.querySelector(".state");
    label.textContent = word;
    label.className = state ? `state is-${state}` : "state";
    node.querySelector(".accept").setAttribute("aria-pressed", state === "yes");
    node.querySelector(".away").setAttribute("aria-pressed", state === "no");
    node.querySelector(".undo").setAttribute("aria-disabled", !work.has(row.id));
    FIELDS.forEach(name => node.querySelector(`.${name} :is(textarea, input, select)`).classList.toggle("is-changed", differs(row, name)));
  }

  function decide(row, keepIt) {
    set(row, "keep", said(row).keep === keepIt ? "" : keepIt);
    show(row);
  }
  function undo(row) {
    work.delete(row.id);
    keep();
    count();
    const place = found.indexOf(row), node = card(row, place);
    cardOf(row)?.replaceWith(node);
    node.querySelectorAll("textarea").forEach(grow);
    show(row);
    point(place, true);
  }

  function point(place, move) {
    current = place;
    byId("cards").querySelectorAll(".card").forEach(node => node.classList.toggle("is-current", +node.dataset.place === place));
    const node = byId("cards").querySelector(`[data-place="${place}"]`);
    if (!move || !node) return;
    node.focus({ preventScroll: true });
    const box = node.getBoundingClientRect(), top = document.querySelector(".bar").offsetHeight;
    if (box.top < top || box.bottom > innerHeight) node.scrollIntoView({ block: "start" });
  }
  function go(place) {
    if (place < 0 || place >= found.length) return;
    if (Math.floor(place / PER_PAGE) !== page) turn(Math.floor(place / PER_PAGE));
    point(place, true);
  }

  function turn(to) {
    page = to;
    const first = page * PER_PAGE, part = found.slice(first, first + PER_PAGE);
    byId("cards").replaceChildren(...part.map((row, place) => card(row, first + place)));
    byId("cards").querySelectorAll("textarea").forEach(grow);
    part.forEach(show);
    const pages = Math.ceil(found.length / PER_PAGE);
    byId("pager").hidden = pages < 2;
    byId("page").textContent = `Page ${page + 1} of ${pages}`;
    byId("previous").setAttribute("aria-disabled", page === 0);
    byId("next").setAttribute("aria-disabled", page >= pages - 1);
    point(first, false);
  }
  function flip(by) {
    if (page + by < 0 || (page + by) * PER_PAGE >= found.length) return;
    turn(page + by);
    byId("found").focus({ preventScroll: true });
    byId("found").scrollIntoView();
  }

  function filter() {
    const wanted = byId("show").value, kind = byId("kind").value, maker = byId("maker").value;
    const search = byId("search").value.toLowerCase();
    const shown = {
      all: () => true, open: row => !stands(row), yes: row => stands(row) === "yes", no: row => stands(row) === "no", changed,
    }[wanted];
    found = rows.filter(row => shown(row) && (!kind || row.kind === kind) && (!maker || row.maker === maker)
      && (!search || `${row.id} ${value(row, "question")} ${value(row, "answer")}`.toLowerCase().includes(search)));
    byId("found").textContent = found.length === 1 ? "1 question" : `${found.length} questions`;
    turn(0);
  }

  function count() {
    const states = rows.map(stands), yes = states.filter(state => state === "yes").length;
    const no = states.filter(state => state === "no").length, corrected = rows.filter(row => stands(row) !== "no" && changed(row)).length;
    byId("counts").textContent = `${yes + no} of ${rows.length} looked at: ${yes} accepted` +
      (corrected ? ` (${corrected} corrected)` : "") + `, ${no} turned away`;
    byId("yes").style.width = `${100 * yes / (rows.length || 1)}%`;
    byId("no").style.width = `${100 * no / (rows.length || 1)}%`;
  }

  const cell = text => {
    const sound = FORMULA.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(sound) ? `"${sound.replaceAll('"', '""')}"` : sound;
  };
  function table() {
    const lines = rows.map(row => {
      const named = {
        id: row.id, keep: stands(row), question: value(row, "question"), answer: value(row, "answer"), kind: value(row, "kind"),
        document: [...new Set(row.parts.map(part => part.document))].join(" | "),
        passage: row.parts.map(part => part.pieces.join("")).join("\n[...]\n"), maker: row.maker, note: value(row, "note"),
      };
      return data.columns.map(column => cell(named[column])).join(",");
    });
    return "\ufeff" + [data.columns.join(","), ...lines, ""].join("\r\n");
  }
  function save() {
    const url = URL.createObjectURL(new Blob([table()], { type: "text/csv;charset=utf-8" }));
    const link = make("a", { href: url, download: "review.csv" });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    saved = true;
  }

  const typing = node => node.matches?.("textarea, select, input:not([type=checkbox])");
  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) { point(current, true); return; }
    if (typing(event.target) || !byId("keys").checked || !found.length) return;
    const row = found[current], node = cardOf(row);
    const act = {
      y: () => { if (said(row).keep !== "yes") decide(row, "yes"); go(current + 1); },
      n: () => { if (said(row).keep !== "no") decide(row, "no"); go(current + 1); },
      j: () => go(current + 1), k: () => go(current - 1), u: () => undo(row),
      e: () => node.querySelector(".question textarea").focus(), a: () => node.querySelector(".answer textarea").focus(),
    }[event.key.toLowerCase()];
    if (act) { event.preventDefault(); act(); }
  }

  document.addEventListener("keydown", press);
  byId("filters").addEventListener("submit", event => event.preventDefault());
  for (const name of ["show", "kind", "maker"]) byId(name).addEventListener("change", filter);
  byId("search").addEventListener("input", filter);
  byId("previous").addEventListener("click", () => flip(-1));
  byId("next").addEventListener("click", () => flip(1));
  byId("save").addEventListener("click", save);
  window.addEventListener("beforeunload", event => { if (!saved) event.preventDefault(); });
  window.addEventListener("resize", () => byId("cards").querySelectorAll("textarea").forEach(grow));
  count();
  filter();
})();
