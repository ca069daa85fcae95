// Draws a Vega or Vega-Lite specification as SVG. Nothing here reaches a network or a file: the loader refuses.
import * as vega from 'vega';
import { compile } from 'vega-lite';

const refuse = {
  load: (uri) => Promise.reject(new Error('data at ' + String(uri).slice(0, 200) + ' is not in the document')),
  sanitize: () => Promise.reject(new Error('links are not followed')),
  http: () => Promise.reject(new Error('no network')),
  file: () => Promise.reject(new Error('no files')),
};

// draw starts drawing; the outcome is in state.done, state.svg and state.error once the pending jobs have run.
globalThis.draw = function (text, lite, configText, width) {
  const state = { done: false, svg: '', error: '' };
  globalThis.drawState = state;
  const fail = (e) => {
    state.error = String((e && e.message) || e).slice(0, 500);
    state.done = true;
  };
  try {
    let spec = JSON.parse(text);
    const config = JSON.parse(configText);
    const quiet = { level: () => quiet, error: () => quiet, warn: () => quiet, info: () => quiet, debug: () => quiet };
    if (lite) {
      if (spec.width === 'container') spec.width = width;
      if (spec.height === 'container') spec.height = 240;
      spec = compile(spec, { config, logger: quiet }).spec;
      const view = new vega.View(vega.parse(spec), { renderer: 'none', loader: refuse, logger: quiet });
      finish(view);
    } else {
      finish(new vega.View(vega.parse(spec, config), { renderer: 'none', loader: refuse, logger: quiet }));
    }
    function finish(view) {
      view.runAsync()
        .then(() => view.toSVG())
        .then((svg) => {
          view.finalize();
          state.svg = svg;
          state.done = true;
        })
        .catch(fail);
    }
  } catch (e) {
    fail(e);
  }
};
globalThis.drawn = function () {
  const s = globalThis.drawState;
  globalThis.drawState = undefined;
  return JSON.stringify(s);
};
