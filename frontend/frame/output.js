// Draws interactive outputs within a frame of opaque origin. The page around it sends each output and where it belongs;
// nothing of an output reaches the page but how high it became. All that runs here is the document's author's.
(() => {
  "use strict";
  const { base, libraries } = JSON.parse(document.getElementById("libraries").textContent);
  const outputs = new Map(); // index → element
  let port, work = Promise.resolve();

  const say = (message) => port && port.postMessage(message);
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) height(target.parentElement);
  });
  const height = (box) => say({ index: Number(box.dataset.index), height: Math.ceil(box.scrollHeight) });

  // Addresses that outputs are known to load their libraries from, as what we have.
  const known = [
    [/^https?:\/\/(cdn\.plot\.ly\/|[^/]+\/.*)plotly[-.@\/]/i, "plotly"],
    [/^https?:\/\/[^/]+\/.*bokeh/i, "bokeh"],
    [/^https?:\/\/[^/]+\/.*vega-embed/i, "vega-embed"],
    [/^https?:\/\/[^/]+\/.*vega-lite/i, "vega-lite"],
    [/^https?:\/\/[^/]+\/.*vega/i, "vega"],
  ];
  const needless = /mathjax|require(\.min)?\.js/i;
  const needs = { "vega-lite": ["vega"], "vega-embed": ["vega", "vega-lite"] };

  const script = (address) => new Promise((done, failed) => {
    const s = document.createElement("script");
    set.call(s, address);
    s.async = false;
    s.onload = done;
    s.onerror = () => failed(new Error("it needs " + address + ", which is not loaded here"));
    document.head.append(s);
  });
  const loaded = new Map();
  const load = (name) => {
    if (!loaded.has(name)) {
      loaded.set(name, (async () => {
        const library = libraries[name];
        if (!library) throw new Error("this server does not have " + name);
        for (const other of needs[name] || []) await load(other);
        for (const file of library.files) await script(base + file);
      })());
    }
    return loaded.get(name);
  };

  // Scripts that outputs make themselves get our libraries, too.
  const { set, get } = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
  const ours = (address) => {
    const found = known.find(([pattern]) => pattern.test(address));
    const library = found && libraries[found[1]];
    return library ? base + library.files[0] : address;
  };
  Object.defineProperty(HTMLScriptElement.prototype, "src", { get, set(address) { set.call(this, ours(String(address))); }, configurable: true });

  // HTML with its scripts, run in the order in which they stand, as in a page.
  const html = async (box, text) => {
    const parsed = new DOMParser().parseFromString(text, "text/html");
    const within = parsed.querySelector("iframe");
    if (within) {
      const address = /<script[^>]+src\s*=\s*["']?(https?:[^"'\s>]+)/i.exec(within.srcdoc);
      throw new Error(address ? "it needs " + address[1] + ", which is not loaded here" : "it is a page within the page, which is not shown here");
    }
    box.append(...parsed.head.childNodes, ...parsed.body.childNodes);
    for (const old of [...box.querySelectorAll("script")]) {
      const address = old.getAttribute("src");
      if (old.type && !/javascript|module/.test(old.type)) continue;
      if (address) {
        const found = known.find(([pattern]) => pattern.test(address));
        if (found) await load(found[1]);
        else if (!needless.test(address)) throw new Error("it needs " + address + ", which is not loaded here");
        continue;
      }
      const fresh = document.createElement("script");
      for (const { name, value } of old.attributes) fresh.setAttribute(name, value);
      fresh.textContent = old.textContent;
      old.replaceWith(fresh);
    }
  };

  const run = (code) => {
    const s = document.createElement("script");
    s.textContent = code;
    document.body.append(s);
  };

  const dark = () => matchMedia("(prefers-color-scheme: dark)").matches;
  const draw = {
    async plotly(box, bundle) {
      await load("plotly");
      const { data, layout, frames, config } = bundle["application/vnd.plotly.v1+json"];
      await Plotly.newPlot(box, { data, layout: { ...layout }, frames, config: { ...config, responsive: true, displaylogo: false } });
    },
    async vega(box, bundle, type) {
      await load("vega-embed");
      const embedded = typeof bundle[type] === "string" ? JSON.parse(bundle[type]) : bundle[type];
      await vegaEmbed(box, embedded, { actions: false, renderer: "svg", theme: dark() ? "dark" : undefined, config: { background: "transparent" } });
    },
    async bokeh(box, bundle) {
      await load("bokeh");
      if (bundle["text/html"]) await html(box, bundle["text/html"]);
      const code = bundle["application/javascript"] || bundle["application/vnd.bokehjs_exec.v0+json"];
      // The elements that it draws into stand in an output before it.
      const roots = /"roots"\s*:\s*(\{[^{}]*\})/.exec(code);
      for (const [root, id] of Object.entries(roots ? JSON.parse(roots[1]) : {})) {
        if (document.getElementById(id)) continue;
        const place = document.createElement("div");
        Object.assign(place, { id });
        place.dataset.rootId = root;
        box.append(place);
      }
      run(code);
    },
    html: (box, bundle) => html(box, bundle["text/html"]),
  };

  const show = async ({ index, library, type, data }) => {
    const box = document.createElement("div");
    box.className = "output";
    box.dataset.index = index;
    outputs.set(index, box);
    document.body.append(box);
    const inner = document.createElement("div");
    box.append(inner);
    place();
    try {
      const how = data["text/html"] && type === "text/html" ? "html" : library === "vega-lite" ? "vega" : library;
      if (!draw[how]) throw new Error("there is nothing here to show it with");
      await draw[how](inner, data, type);
      sizes.observe(inner);
      const used = libraries[library];
      say({ index, shown: used ? used.version : "" });
      height(box);
    } catch (e) {
      box.remove();
      outputs.delete(index);
      say({ index, failed: String((e && e.message) || e) });
    }
  };

  let places = new Map();
  const place = () => {
    for (const [index, box] of outputs) {
      const at = places.get(index);
      if (at) Object.assign(box.style, { left: at.x + "px", top: at.y + "px", width: at.width + "px" });
    }
  };

  addEventListener("message", (event) => {
    if (event.source !== parent || port || !event.ports[0]) return;
    port = event.ports[0];
    port.onmessage = ({ data }) => {
      if (data.places) {
        places = new Map(data.places.map((p) => [p.index, p]));
        place();
      } else if (data.show) {
        work = work.then(() => show(data.show));
      }
    };
    say({ ready: true });
  });
})();
