/** @returns an HTML element with a class and children; strings become text, never markup */
export function html(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
