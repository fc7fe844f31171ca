// Everything drawn here comes as data; text only ever becomes a text node.

const SVG = 'http://www.w3.org/2000/svg';

/** @returns an SVG element with attributes and children */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** @returns an HTML element with a class and children; strings become text */
export function html(name, className, ...children) {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...children);
  return element;
}
