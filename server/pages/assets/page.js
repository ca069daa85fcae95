// Comfort for pages that work without it: nothing here loads or changes what is shown of a document.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Times in the reader's own words and zone.
  const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
  const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const t of all("time")) {
    const at = new Date(t.dateTime);
    if (isNaN(at)) continue;
    const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
    const days = Math.round((midnight(at) - midnight(new Date())) / 864e5);
    t.title = t.textContent;
    t.textContent = (days > -2 && days <= 0 ? relative.format(days, "day") : day.format(at)) + " " + clock.format(at);
  }

  // The switch shows and hides code in place; its address does the same without this.
  const code = document.getElementById("code");
  const cells = () => all("details.sx-source");
  const show = (on) => {
    for (const d of cells()) d.open = on;
    code.setAttribute("aria-pressed", String(on));
    code.textContent = on ? "Hide code" : "Show code";
  };
  if (code) {
    code.addEventListener("click", (e) => {
      if (e.ctrlKey || e.metaKey || e.shiftKey || e.button) return;
      e.preventDefault();
      show(code.getAttribute("aria-pressed") !== "true");
    });
    code.addEventListener("keydown", (e) => {
      if (e.key === " ") { e.preventDefault(); code.click(); }
    });
  }
  let opened = [];
  addEventListener("beforeprint", () => { opened = all(".sx-fold:not([open])"); for (const d of opened) d.open = true; });
  addEventListener("afterprint", () => { for (const d of opened) d.open = false; });

  // Menus close by Escape and by a click elsewhere.
  for (const menu of all("details.menu")) {
    addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
    menu.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // Code can be copied.
  if (navigator.clipboard) {
    for (const pre of all(".sx-source pre, .sx-md pre, .sx-pre")) {
      const box = pre.closest(".sx-pre") || pre;
      if (box.parentElement.classList.contains("copyable")) continue;
      const holder = document.createElement("div");
      holder.className = "copyable";
      box.replaceWith(holder);
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy button";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(pre.textContent);
          button.textContent = "Copied";
        } catch {
          button.textContent = "Not allowed";
        }
        setTimeout(() => { button.textContent = "Copy"; }, 1500);
      });
      holder.append(box, button);
    }
  }

  // The outline shows where one is.
  const lines = new Map(all(".outline a").map((a) => [decodeURIComponent(a.hash.slice(1)), a]));
  if (lines.size) {
    const headings = [...lines.keys()].map((id) => document.getElementById(id)).filter(Boolean);
    let waiting = false;
    const mark = () => {
      waiting = false;
      let now = headings[0];
      for (const h of headings) {
        if (h.getBoundingClientRect().top > 120) break;
        now = h;
      }
      for (const [id, a] of lines) {
        if (now && id === now.id) a.setAttribute("aria-current", "true");
        else a.removeAttribute("aria-current");
      }
    };
    addEventListener("scroll", () => { if (!waiting) { waiting = true; requestAnimationFrame(mark); } }, { passive: true });
    mark();
  }
})();
