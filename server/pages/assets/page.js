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

  // What scrolls can be scrolled by keyboard, in every browser.
  const reach = () => {
    for (const box of all(".sx-html, .sx-table, .sx-scroll, .sx-math, .sx-chart, .sxr > div")) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    }
  };
  reach();
  addEventListener("resize", reach, { passive: true });

  // Menus close by Escape and by a click elsewhere.
  for (const menu of all("details.menu")) {
    addEventListener("click", (e) => { if (!menu.contains(e.target)) menu.open = false; });
    menu.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" || !menu.open) return;
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }

  // Forms of a result offer what makes sense of the column that is chosen.
  const offered = {
    number: ["eq", "ne", "gt", "ge", "lt", "le", "null", "notnull"],
    truth: ["eq", "ne", "null", "notnull"],
  };
  offered.date = offered.time = offered.number;
  for (const form of all(".tools form.ask")) {
    const f = form.elements;
    const kind = (select) => select.selectedOptions[0]?.dataset.kind;
    const put = (control, on) => { control.closest("label").hidden = !on; control.disabled = !on; };
    let was = "";
    const fit = () => {
      if (f.op) {
        const now = kind(f.column);
        for (const o of f.op.options) o.hidden = o.disabled = !(offered[now]?.includes(o.value) ?? true);
        if (was !== now) {
          f.op.value = [...f.op.options].find((o) => !o.disabled).value;
          if (was) f.value.value = "";
        }
        was = now;
        f.value.type = now === "number" || now === "date" ? now : "text";
        f.value.step = "any";
        f.value.placeholder = { time: "2025-12-31 18:00:00", truth: "true or false" }[now] ?? "";
        put(f.value, !f.op.value.endsWith("null"));
      }
      if (f.by) {
        put(f.part, ["date", "time"].includes(kind(f.by)));
        put(f.acrosspart, ["date", "time"].includes(kind(f.across)));
        put(f.of, f.func.value !== "count");
      }
    };
    form.addEventListener("change", fit);
    fit();
  }

  // Code can be copied, and the address of a link.
  const copier = (className, text, refused) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = "Copied";
      } catch {
        button.textContent = refused();
      }
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    return button;
  };
  if (navigator.clipboard) {
    for (const pre of all(".sx-source pre, .sx-md pre, .sx-pre")) {
      const box = pre.closest(".sx-pre") || pre;
      if (box.parentElement.classList.contains("copyable")) continue;
      const holder = document.createElement("div");
      holder.className = "copyable";
      box.replaceWith(holder);
      holder.append(box, copier("copy button", () => pre.textContent, () => "Not allowed"));
    }
    const address = document.querySelector("input.address");
    address?.after(copier("button", () => address.value, () => { address.select(); return "Selected"; }));
  }

  // A job's page follows it: cells that have changed are put in the place of the old ones, and at its end the page is loaded anew.
  const events = document.body.dataset.job;
  if (events && window.EventSource) {
    const source = new EventSource(events);
    let soon, later, told;
    const refresh = async () => {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
      if (!answer?.ok) return;
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!next.body.dataset.job) {
        source.close();
        location.reload();
        return;
      }
      const put = (from, to) => {
        if (from && to && from.outerHTML !== to.dataset.was) {
          const was = from.outerHTML;
          // What was printed stays until it is recorded: then there are outputs below the code.
          const printed = to.querySelector(":scope > pre.printed");
          if (printed && from.children.length < 2) from.append(printed);
          to.replaceWith(from);
          from.dataset.was = was;
        }
      };
      const facts = next.getElementById("job");
      if (facts.innerHTML !== told) {
        told = facts.innerHTML;
        document.getElementById("job").replaceChildren(...facts.childNodes); // its being live stays
      }
      const cells = all(".sx-cell", next);
      const shown = all("#document .sx-cell");
      if (cells.length === shown.length) cells.forEach((cell, i) => put(cell, shown[i]));
      reach();
    };
    // What a cell gives is recorded a moment after it is heard of, or some seconds after while it goes on.
    const heard = () => {
      soon ||= setTimeout(() => { soon = 0; refresh(); }, 700);
      clearTimeout(later);
      later = setTimeout(refresh, 6000);
    };
    for (const kind of ["job", "cell", "output", "update", "clear"]) source.addEventListener(kind, heard);
    // What is printed is there at once.
    source.addEventListener("output", ({ data }) => {
      const { cell, output } = JSON.parse(data);
      const place = document.getElementById(`cell-${cell}`);
      if (!place || output.output_type !== "stream") return;
      let box = place.querySelector(":scope > pre.printed");
      if (!box) {
        box = document.createElement("pre");
        box.className = "printed";
        place.append(box);
      }
      box.textContent = (box.textContent + output.text).slice(-20000);
    });
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

  // Interactive outputs are drawn in one frame of opaque origin that lies over the document, cut to the places of the
  // outputs; each when it is about to be seen or, where the page shows a picture of it, when one points at it.
  const list = document.getElementById("rich");
  const main = document.getElementById("document");
  if (list && main) {
    const { frame: address, from, query } = list.dataset;
    const wanted = new Map(JSON.parse(list.textContent).map((r) => [r.index, r]));
    const places = new Map(); // index → the element that the output is drawn over
    let frame, port, ready;

    const open = () => ready ||= new Promise((done) => {
      frame = document.createElement("iframe");
      frame.setAttribute("sandbox", "allow-scripts");
      frame.title = "Interactive outputs of this document";
      frame.className = "outputs";
      frame.src = address;
      frame.addEventListener("load", () => {
        const channel = new MessageChannel();
        port = channel.port1;
        port.onmessage = ({ data }) => data.ready ? done() : heard(data);
        frame.contentWindow.postMessage({}, "*", [channel.port2]);
      }, { once: true });
      main.append(frame);
    });

    const move = () => {
      if (!port) return;
      const origin = main.getBoundingClientRect();
      const at = [...places].map(([index, element]) => {
        const r = element.getBoundingClientRect();
        return { index, x: r.left - origin.left, y: r.top - origin.top, width: r.width, height: r.height };
      });
      port.postMessage({ places: at });
      const shown = at.filter((p) => places.get(p.index).classList.contains("live"));
      frame.style.height = main.scrollHeight + "px";
      frame.style.clipPath = shown.length
        ? `path("${shown.map((p) => `M${p.x} ${p.y}h${p.width}v${p.height}h${-p.width}z`).join("")}")`
        : "inset(50%)";
    };
    new ResizeObserver(move).observe(main);

    const heard = ({ index, height, shown, failed }) => {
      const r = wanted.get(index), place = places.get(index);
      if (!r || !place) return;
      if (failed !== undefined) {
        places.delete(index);
        place.removeAttribute("aria-busy");
        const note = document.createElement("p");
        note.className = "sx-rich-note";
        note.textContent = "Not interactive here: " + failed + ".";
        place.after(note);
        place.style.minHeight = "";
      } else if (height !== undefined && Number.isFinite(height)) {
        place.style.minHeight = Math.min(Math.max(height, 20), 5000) + "px";
      } else if (shown !== undefined) {
        place.removeAttribute("aria-busy");
        place.classList.add("live");
        const other = shown && r.wanted && r.wanted.split(".")[0] !== shown.split(".")[0];
        if (other) {
          const note = document.createElement("p");
          note.className = "sx-rich-note";
          note.textContent = `Made for version ${r.wanted}; shown with ${shown}.`;
          place.after(note);
        }
      }
      move();
    };

    const mount = async (index) => {
      const r = wanted.get(index);
      const place = document.querySelector(`.sx-rich[data-rich="${index}"]`);
      if (!r || !place || places.has(index)) return;
      places.set(index, place);
      place.setAttribute("aria-busy", "true");
      try {
        const [answer] = await Promise.all([fetch(from + index + query), open()]);
        if (!answer.ok) throw new Error("it cannot be loaded now");
        const data = await answer.json();
        move();
        port.postMessage({ show: { index, library: r.library, type: r.type, data } });
      } catch (e) {
        heard({ index, failed: e.message });
      }
    };

    const near = new IntersectionObserver((entries) => {
      for (const e of entries) {
        if (!e.isIntersecting) continue;
        near.unobserve(e.target);
        mount(Number(e.target.dataset.rich));
      }
    }, { rootMargin: "400px" });
    for (const [index, r] of wanted) {
      const place = document.querySelector(`.sx-rich[data-rich="${index}"]`);
      if (!place) continue;
      if (!r.drawn) near.observe(place);
      else place.addEventListener("pointerenter", () => mount(index), { once: true });
    }
  }

  // A page within another site's tells how high it is; nothing else of it.
  if (document.body.classList.contains("embed") && parent !== window) {
    const tell = () => parent.postMessage({ type: "sextant:height", height: Math.ceil(document.documentElement.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(document.documentElement);
    tell();
  }
})();
