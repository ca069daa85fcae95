// Turns TeX into MathML.
import temml from 'temml';

globalThis.math = function (tex, display) {
  try {
    return temml.renderToString(tex, { displayMode: display, throwOnError: true, trust: false, maxExpand: 500, maxSize: [50, 500], annotate: true });
  } catch (e) {
    return '!' + String((e && e.message) || e).slice(0, 300);
  }
};
