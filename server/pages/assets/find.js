// Finding words in the document, also in code that is folded: what the browser's own search leaves out.
(() => {
  "use strict";
  const main = document.getElementById("document");
  const actions = document.querySelector(".bar .actions");
  if (!main || !actions) return;
  const most = 2000;
  const highlights = "highlights" in CSS;
  const make = (tag, props) => Object.assign(document.createElement(tag), props);

  const opener = make("button", { type: "button", className: "button", textContent: "Find", title: "Find in this document (/)" });
  opener.setAttribute("aria-expanded", "false");
  actions.prepend(opener);

  const box = make("div", { className: "find", hidden: true });
  box.setAttribute("role", "search");
  const field = make("input", { type: "search", autocomplete: "off", spellcheck: false });
  field.setAttribute("aria-label", "Find in this document");
  const told = make("output", {});
  const back = make("button", { type: "button", className: "button", textContent: "↑", title: "Previous (Shift+Enter)" });
  const on = make("button", { type: "button", className: "button", textContent: "↓", title: "Next (Enter)" });
  const shut = make("button", { type: "button", className: "button", textContent: "✕", title: "Close (Escape)" });
  for (const [b, name] of [[back, "Previous"], [on, "Next"], [shut, "Close"]]) b.setAttribute("aria-label", name);
  box.append(field, told, back, on, shut);
  document.body.append(box);

  // The text of the document in one piece, with the nodes that it is made of and where each begins.
  const blocks = "p, li, td, th, pre, h1, h2, h3, h4, h5, h6, summary, figcaption, caption, dt, dd, blockquote, section";
  const read = () => {
    const nodes = [], starts = [], parts = [];
    let at = 0, block = null;
    const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT, (n) =>
      n.parentElement.closest("script, style, .copy, .sx-anchor") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const lower = n.data.toLowerCase();
      const text = lower.length === n.data.length ? lower : n.data; // places have to stay places
      const own = n.parentElement.closest(blocks);
      if (block && own !== block) { parts.push("\n"); at++; }
      block = own;
      nodes.push(n);
      starts.push(at);
      parts.push(text);
      at += text.length;
    }
    return { nodes, starts, text: parts.join("") };
  };

  // The place of one character as a node and an offset in it.
  const place = ({ nodes, starts }, at) => {
    let low = 0, high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= at) low = middle;
      else high = middle - 1;
    }
    return [nodes[low], Math.min(at - starts[low], nodes[low].data.length)];
  };

  let hits = [], now = -1, more = false, waiting = 0, sought = "";
  const show = () => {
    if (highlights) {
      CSS.highlights.set("find", new Highlight(...hits));
      CSS.highlights.set("find-now", new Highlight(...hits.slice(now, now + 1)));
    }
    told.textContent = !sought ? "" : hits.length ? `${now + 1} of ${hits.length}${more ? "+" : ""}` : "Not found";
    back.disabled = on.disabled = hits.length === 0;
  };
  const go = (to) => {
    if (!hits.length) return;
    now = (to + hits.length) % hits.length;
    const element = hits[now].startContainer.parentElement;
    for (let d = element.closest("details:not([open])"); d; d = d.parentElement.closest("details:not([open])")) d.open = true;
    element.scrollIntoView({ block: "center" });
    if (!highlights) getSelection().setBaseAndExtent(hits[now].startContainer, hits[now].startOffset, hits[now].endContainer, hits[now].endOffset);
    show();
  };
  const find = () => {
    clearTimeout(waiting);
    sought = field.value.toLowerCase();
    hits = [];
    now = -1;
    more = false;
    if (sought) {
      const whole = read();
      for (let at = whole.text.indexOf(sought); at >= 0; at = whole.text.indexOf(sought, at + sought.length)) {
        if (hits.length === most) { more = true; break; }
        const range = new Range();
        range.setStart(...place(whole, at));
        const [node, offset] = place(whole, at + sought.length - 1);
        range.setEnd(node, offset + 1);
        hits.push(range);
      }
    }
    show();
    // The first one that is not above what one sees.
    const top = document.querySelector(".bar").getBoundingClientRect().bottom;
    go(Math.max(0, hits.findIndex((r) => r.getBoundingClientRect().bottom >= top)));
  };
  const open = () => {
    box.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    field.focus();
    field.select();
    if (field.value) find();
  };
  const close = () => {
    box.hidden = true;
    sought = "";
    hits = [];
    if (highlights) { CSS.highlights.delete("find"); CSS.highlights.delete("find-now"); }
    opener.setAttribute("aria-expanded", "false");
    opener.focus({ preventScroll: true });
  };

  opener.addEventListener("click", () => box.hidden ? open() : close());
  shut.addEventListener("click", close);
  on.addEventListener("click", () => go(now + 1));
  back.addEventListener("click", () => go(now - 1));
  field.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
  box.addEventListener("keydown", (e) => {
    if (e.key === "Escape") { e.preventDefault(); close(); }
    if (e.key === "Enter" && e.target === field) {
      e.preventDefault();
      if (field.value.toLowerCase() !== sought) find();
      else go(now + (e.shiftKey ? -1 : 1));
    }
  });
  addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
    e.preventDefault();
    open();
  });
})();
