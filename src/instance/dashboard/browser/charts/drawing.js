import { plot } from '../library/plot.js';

/**
 * Draws with Observable Plot. Colours and type are styles/charts.css's, by the classes of the marks.
 * @param options as plot() takes them
 * @returns {SVGElement & {scale: (name: string) => object}}
 */
export function draw(options) {
  const svg = plot(options);
  svg.querySelector('style').remove();
  return svg;
}

/**
 * For what comes and goes while somebody looks at a chart.
 * @param svg from draw()
 * @param options it was drawn with
 * @returns {(marks: object[]) => void} draws these marks in place of the last ones, by the chart's own scales
 */
export function layerOn(svg, options) {
  const layer = document.createElementNS(svg.namespaceURI, 'g');
  svg.append(layer);
  const scales = { x: svg.scale('x'), y: svg.scale('y') };
  return (marks) => layer.replaceChildren(...draw({ ...options, ...scales, axis: null, marks }).children);
}

export const indicesOf = (list) => list.map((_, i) => i);

/** A scale with a band for each; not rounded to pixels, which would leave a margin over. */
export const bandsOf = (list) => ({ type: 'band', domain: indicesOf(list), padding: 0, round: false });

/** @returns {number} index of the band that a pixel is in, or is next to */
export function bandAt({ domain, range, step }, pixel) {
  return Math.max(0, Math.min(domain.length - 1, Math.floor((pixel - range[0]) / step)));
}
