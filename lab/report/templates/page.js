"use strict";
(() => {
  // Numbers as the report writes them: a true minus, thousands separators, "<0.001", "94 %".
  const value = (row, column) => {
    const cell = row.cells[column];
    const detail = cell.querySelector(".detail");
    const text = (detail ? cell.textContent.replace(detail.textContent, "") : cell.textContent).trim();
    const number = Number(text.replace(/[\u2212]/g, "-").replace(/[,\u00a0%<>+]/g, ""));
    return { text, number: text === "" || Number.isNaN(number) ? null : number };
  };

  const compare = (a, b) => {
    if (a.number !== null && b.number !== null) return a.number - b.number;
    if (a.number === null && b.number === null) return a.text.localeCompare(b.text);
    return a.number === null ? 1 : -1;
  };

  const sortBy = (table, column, descending) => {
    const body = table.tBodies[0];
    // The oracle is no candidate and stays below whatever the order.
    const order = [...body.rows].map((row) => ({ row, key: value(row, column), last: row.classList.contains("apart") }));
    order.sort((a, b) => {
      if (a.last !== b.last) return a.last - b.last;
      if ((a.key.number === null) !== (b.key.number === null)) return a.key.number === null ? 1 : -1;
      return descending ? compare(b.key, a.key) : compare(a.key, b.key);
    });
    body.append(...order.map((item) => item.row));
  };

  const MIN_ROWS = 3;
  for (const table of document.querySelectorAll("table.sortable")) {
    if (table.tBodies[0].rows.length < MIN_ROWS) continue;
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const was = head.getAttribute("aria-sort");
        const descending = was ? was === "ascending" : head.classList.contains("number");
        for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        sortBy(table, column, descending);
      });
    });
  }

  // What the reader looks at is marked in the contents.
  const links = new Map([...document.querySelectorAll("nav.side a")].map((link) => [link.hash.slice(1), link]));
  const seen = new Set();
  const watch = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) entry.isIntersecting ? seen.add(entry.target.id) : seen.delete(entry.target.id);
      const first = [...links.keys()].find((id) => seen.has(id));
      for (const [id, link] of links) id === first ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
    },
    { rootMargin: "-10% 0px -60% 0px" },
  );
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section && id !== "top") watch.observe(section);
  }
  for (const link of document.querySelectorAll(".menu a")) {
    link.addEventListener("click", () => link.closest("details").removeAttribute("open"));
  }

  // On paper nothing can be unfolded.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main section details:not([open])")].filter((item) => !item.closest("#answers"));
    for (const item of opened) item.open = true;
  });
  addEventListener("afterprint", () => {
    for (const item of opened) item.open = false;
  });
})();
