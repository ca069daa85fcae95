// Has a page's Share link open the dialog over the page. What the dialog needs is loaded when it is about to be: most
// readers never share.
const load = () => import("./shareDialog");

for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-share]")) {
  for (const near of ["pointerenter", "focus"]) link.addEventListener(near, () => void load().catch(() => undefined), { once: true });
  link.addEventListener("click", (e) => {
    if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return;
    e.preventDefault();
    const { share: id = "", name = "", type = "file" } = link.dataset;
    // Without the dialog there is the page that the link leads to.
    load().then(
      ({ share }) => share({ id, name, type: type as "file" }, link),
      () => location.assign(link.href),
    );
  });
}
