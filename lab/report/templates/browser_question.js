// ---- Question: one question with all answers side by side, what was read, and every score.

const article = document.getElementById("browser-question");
const NO_GOLD = "none: the documents do not answer this";
let opening = 0;

const runLabel = (run) => (store.runsOf[store.runs[run][0]].length > 1 ? `seed ${store.runs[run][1]}` : "");
const fullLabel = (run) => [store.methods[store.runs[run][0]][1], runLabel(run)].filter(Boolean).join(", ");

const said = (text, found) => {
  if (!text.trim()) return make("p", "browser-answer is-empty", "(empty)");
  if (!found) return foreign("p", "browser-answer", text);
  const paragraph = foreign("p", "browser-answer", "");
  const tags = { same: "span", added: "ins", missing: "del" };
  for (const [kind, words] of found.parts) {
    const space = words.slice(words.trimEnd().length);
    const piece = make(tags[kind], "", ...(kind === "same" ? [] : [aside(`${kind}: `)]), words.trimEnd());
    paragraph.append(piece, space);
  }
  return paragraph;
};

const factsOf = (answer, cause, remark) => {
  const facts = [];
  if (cause) facts.push(make("span", "browser-cause", `cause: ${cause}`));
  const costs = [];
  if (answer.i) costs.push(`${answer.i} tokens in`);
  if (answer.o) costs.push(`${answer.o} out`);
  if (answer.s) costs.push(`${answer.s} s`);
  for (const text of [...remark, ...costs, ...(answer.n || [])]) facts.push(make("span", "", text));
  return make("p", "browser-facts", ...facts);
};

const answerOf = (i, run, detail) => {
  const verdict = store.verdict[run][i];
  const box = make("div", "browser-run");
  const label = runLabel(run);
  if (label) box.append(make("p", "browser-seed", `${label} `, mark({ kind: verdict ? "right" : "wrong", says: verdict ? "right" : "wrong" })));
  const text = store.answer[run][i];
  const found = store.gold[i].length && text.trim() ? compared(text, store.gold[i]) : null;
  const remark = [];
  if (detail.y) remark.push(`right ${detail.y}`);
  box.append(said(text, found), factsOf(detail, store.causes[store.cause[run][i] - 1], remark));
  if (detail.r !== undefined) {
    const more = make("details", "", make("summary", "", "Raw output", aside(` of ${fullLabel(run)}`)));
    more.append(foreign("pre", "", detail.r));
    box.append(more);
  }
  return box;
};

const cardOf = (i, method, found) => {
  const verdict = verdictOf(method, i);
  const card = make("li", `browser-card is-${verdict.kind}`);
  const title = make("h4", "", store.methods[method][1]);
  const score = store.score[method][i];
  const points = Number.isNaN(score) ? "" : `${store.primary} ${score.toFixed(3)}`;
  const badge = make("span", `browser-badge is-${verdict.kind}`, `${VERDICTS[verdict.kind]} ${verdict.says}`.trim());
  card.append(make("div", "browser-top", title, badge, make("span", "browser-points", points)));
  for (const run of store.runsOf[method]) if (found.answers[run]) card.append(answerOf(i, run, found.answers[run]));
  return card;
};

const passageOf = (i, [place, rank, score, gold, spans], passages, answer) => {
  const [name, title, text] = passages.get(place);
  const words = wordsOf(text);
  const held = spans.length ? spans : store.gold[i].flatMap((one) => phrases(words, one));
  const body = foreign("p", "browser-text", "");
  for (const [piece, isGold, isSaid] of cut(text, held, answer ? places(words, answer) : [])) {
    if (!isGold && !isSaid) body.append(piece);
    else body.append(make("mark", [isGold && "is-gold", isSaid && "is-said"].filter(Boolean).join(" "), ...(isGold ? [aside(" gold: ")] : []), piece));
  }
  const head = make("p", "browser-head", `${rank}. `, make("bdi", "", title && title !== name ? `${title} (${name})` : name));
  if (score !== null) head.append(` · score ${score}`);
  if (gold) head.append(" · ", make("b", "", "gold passage"));
  return make("li", gold ? "browser-passage is-gold" : "browser-passage", head, body);
};

const legend = (reading) => {
  const evidence = reading.some((hit) => hit[4].length) ? "gold evidence" : "gold answer";
  const key = (kind, text) => make("span", "", make("mark", kind, text));
  return make("p", "browser-legend", key("is-gold", evidence), " ", key("is-said", "words of the answer"), " ", key("is-gold is-said", "both"));
};

// Who read the same passages; whose words are marked in them is theirs to choose.
const readingOf = (i, reading, readers, found) => {
  const names = [...new Set(readers.map((run) => store.methods[store.runs[run][0]][1]))];
  const box = make("details", "browser-reading", make("summary", "", `${many(reading.length, "passage")} read by ${names.join(", ")}`));
  const items = make("ol", "");
  const draw = (run) => items.replaceChildren(...reading.map((hit) => passageOf(i, hit, found.passages, store.answer[run][i])));
  const choice = make("select", "", ...readers.map((run) => new Option(fullLabel(run), run)));
  choice.addEventListener("change", () => draw(Number(choice.value)));
  const label = make("label", "", "Mark the words of ", choice);
  box.append(make("div", "browser-tools", legend(reading), ...(readers.length > 1 ? [label] : [])), items);
  draw(readers[0]);
  return box;
};

const readingsOf = (i, found) => {
  const boxes = found.readings.flatMap((reading, place) => {
    const readers = found.answers.flatMap((answer, run) => (answer && answer.h === place ? [run] : []));
    return readers.length ? [readingOf(i, reading, readers, found)] : [];
  });
  if (boxes.length) boxes[0].open = true;
  return boxes;
};

const scoresOf = (found) => {
  const runs = store.runs.flatMap((_, run) => (found.answers[run] ? [run] : []));
  const line = (label, value) => {
    const values = runs.map((run) => value(found.answers[run]) ?? null);
    if (values.every((one) => one === null)) return [];
    const head = make("th", "", label);
    head.scope = "row";
    return [make("tr", "", head, ...values.map((one) => make("td", "", one === null ? "–" : one)))];
  };
  const heads = [make("th", "", "Score"), ...runs.map((run) => make("th", "", fullLabel(run)))];
  heads.forEach((head) => (head.scope = "col"));
  const rows = [
    ...store.metrics.flatMap((label, k) => line(label, (answer) => answer.v && answer.v[k])),
    ...line("tokens in", (answer) => answer.i),
    ...line("tokens out", (answer) => answer.o),
    ...line("seconds", (answer) => answer.s),
  ];
  const scroll = make("div", "browser-scroll", make("table", "", make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...rows)));
  scroll.tabIndex = 0;
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", "Scores of this question");
  return make("details", "browser-scores", make("summary", "", "All scores, tokens and seconds"), scroll);
};

const toolsOf = (i, at) => {
  const link = (text, href, key) => {
    const one = make("a", "", text);
    one.href = href;
    if (key) one.setAttribute("aria-keyshortcuts", key);
    return one;
  };
  const near = (by, text, key) => {
    const other = shown[at + by];
    return at === -1 || other === undefined ? make("span", "is-off", text) : link(text, address(store.id[other]), key);
  };
  const where = at === -1 ? "not among the filtered" : `${(at + 1).toLocaleString("en")} of ${shown.length.toLocaleString("en")}`;
  return make("div", "browser-tools", link("← All questions", address(null), "Escape"), near(-1, "Previous", "k"), make("span", "", where), near(1, "Next", "j"));
};

const headerOf = (i, at) => {
  const title = foreign("h3", "", store.text[i].trim() || "(no text)");
  title.id = "browser-title";
  title.tabIndex = -1;
  const link = make("a", "", make("bdi", "", store.id[i]), aside(" (link to this question)"));
  link.href = `#${new URLSearchParams({ q: store.id[i] })}`;
  const about = make("p", "browser-about", link, ` · ${store.kinds[store.kind[i]]}`);
  const cluster = store.clusters[store.cluster[i]];
  if (cluster) about.append(" · document ", make("bdi", "", cluster));
  if (store.maker.has(i)) about.append(" · synthetic, written by ", make("bdi", "", store.maker.get(i)));
  const gold = make("p", "browser-gold", make("b", "", "Gold "));
  if (!store.gold[i].length) gold.append(NO_GOLD);
  store.gold[i].forEach((one, k) => gold.append(k ? " / " : "", make("bdi", "", one)));
  return [toolsOf(i, at), title, about, gold];
};

const key = () =>
  make("p", "browser-legend", "Against the nearest gold: ", make("ins", "", "added"), " ", make("del", "", "missing"));

// Builds a question's view; resolves to false if another was opened meanwhile.
const showQuestion = async (i) => {
  const turn = ++opening;
  const found = await details(i);
  if (turn !== opening) return false;
  const cards = store.methods.flatMap((_, method) => (store.runsOf[method].some((run) => found.answers[run]) ? [cardOf(i, method, found)] : []));
  const answers = make("div", "browser-answers", ...(store.gold[i].length ? [key()] : []), make("ul", "", ...cards));
  const readings = readingsOf(i, found);
  const read = make("div", "browser-read", ...readings);
  const columns = make("div", readings.length ? "browser-columns" : "", answers, ...(readings.length ? [read] : []));
  article.replaceChildren(...headerOf(i, shown.indexOf(i)), columns, scoresOf(found));
  return true;
};

