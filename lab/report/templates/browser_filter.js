// ---- Filter: what the form asks for, which questions that is, and how it is written behind the # of the address.

const form = document.getElementById("browser-form");
const NAMES = [...form.elements].map((field) => field.name).filter(Boolean);
const FILTERS = NAMES.filter((name) => name !== "sort");
const state = { want: {}, page: 0, open: null };

const readForm = () => {
  state.want = {};
  for (const name of NAMES) {
    const field = form.elements[name];
    const value = field.type === "checkbox" ? (field.checked ? "1" : "") : field.value.trim();
    if (value) state.want[name] = value;
  }
};

const fillForm = (values) => {
  for (const name of NAMES) {
    const field = form.elements[name];
    if (field.type === "checkbox") field.checked = values.get(name) === "1";
    else field.value = values.get(name) || "";
    if (field.selectedIndex === -1) field.value = "";
  }
  readForm();
};

const address = (open, number = state.page) => {
  const words = new URLSearchParams();
  if (open !== null) words.set("q", open);
  for (const [name, value] of Object.entries(state.want)) words.set(name, value);
  if (number && open === null) words.set("page", String(number + 1));
  return String(words) ? `#${words}` : "#answers";
};

// Words that must all occur; "in quotes" they must stand together.
const termsOf = (text) =>
  [...folded(text).matchAll(/"([^"]+)"?|[^\s"]+/g)].map((match) => match[1] || match[0]).filter((term) => term.trim());

const documentsLike = (text) => {
  const exact = store.clusters.indexOf(text);
  if (exact !== -1) return new Set([exact]);
  const part = folded(text);
  return new Set(store.clusters.flatMap((name, place) => (folded(name).includes(part) ? [place] : [])));
};

const verdictTest = (method, wanted) => {
  const share = store.share[method];
  if (wanted === "right") return (i) => share[i] === 1;
  if (wanted === "wrong") return (i) => share[i] === 0;
  return (i) => share[i] > 0 && share[i] < 1;
};

const causeTest = (cause, by) => {
  const number = store.causes.indexOf(cause) + 1;
  const owner = store.methods.findIndex(([name]) => name === by);
  const columns = store.cause.filter((_, run) => owner === -1 || store.runs[run][0] === owner);
  // A method without a cause: all that it got wrong.
  return cause ? (i) => columns.some((column) => column[i] === number) : (i) => columns.some((column) => column[i] > 0);
};

const tests = (want) => {
  const found = [];
  store.methods.forEach(([name], method) => want[`m.${name}`] && found.push(verdictTest(method, want[`m.${name}`])));
  if (want.disagree) found.push((i) => store.split[i] === 1);
  if (want.kind) {
    const kind = store.kinds.indexOf(want.kind);
    found.push((i) => store.kind[i] === kind);
  }
  if (want.cause || want.by) found.push(causeTest(want.cause, want.by));
  if (want.doc) {
    const documents = documentsLike(want.doc);
    found.push((i) => documents.has(store.cluster[i]));
  }
  for (const term of termsOf(want.text || "")) found.push((i) => store.search[i].includes(term));
  return found;
};

const rising = (column) => (a, b) => {
  const [one, other] = [column[a], column[b]];
  if (one === other) return a - b;
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) ? (Number.isNaN(other) ? a - b : 1) : -1;
  return one - other;
};

const sorting = (sort) => {
  if (sort === "id") return rising(store.order);
  if (sort === "disagree") return (a, b) => store.evenness[b] - store.evenness[a] || a - b;
  const method = store.methods.findIndex(([name]) => `m.${name}` === sort);
  return method === -1 ? null : rising(store.score[method]);
};

// The numbers of the questions that are asked for, in order.
const select = (want) => {
  const wanted = tests(want);
  const found = [];
  for (let i = 0; i < store.questions; i++) if (wanted.every((test) => test(i))) found.push(i);
  const order = sorting(want.sort);
  return order ? found.sort(order) : found;
};

