import { drawColumns } from './columns.js';
import { formatChange, formatValue } from './format.js';
import { drawHeatmap } from './heatmap.js';
import { html } from './html.js';
import { drawLine } from './line.js';

const DRAW = { line: drawLine, columns: drawColumns, heatmap: drawHeatmap };

/**
 * <sbw-chart data='{"type": "line", ...}' label="...">: draws its data in the size it has. Pointer and arrow keys show
 * the numbers; the card's "table" button shows all of them as a table.
 */
class Chart extends HTMLElement {
  connectedCallback() {
    this.given = JSON.parse(this.getAttribute('data'));
    this.sizes = new ResizeObserver(() => this.draw());
    this.sizes.observe(this);
  }

  disconnectedCallback() {
    this.sizes.disconnect();
  }

  draw() {
    const size = { width: this.clientWidth, height: this.clientHeight };
    if (size.width < 40 || size.height < 40 || this.isTable) return;
    const hasFocus = this.contains(document.activeElement) || this.isAwaited;
    this.drawn = DRAW[this.given.type](size, this.given);
    this.tip = html('div', 'tip');
    this.tip.hidden = true;
    this.tip.setAttribute('role', 'status');
    const { svg } = this.drawn;
    svg.setAttribute('role', 'img');
    svg.setAttribute('tabindex', '0');
    svg.setAttribute('aria-label', this.getAttribute('label') ?? '');
    for (const move of ['pointerdown', 'pointermove'])
      svg.addEventListener(move, (event) => this.point(event));
    // A finger leaves as soon as it is lifted: its numbers stay until another place is touched.
    svg.addEventListener('pointerleave', (event) => event.pointerType !== 'touch' && this.show(null));
    svg.addEventListener('blur', () => this.show(null));
    svg.addEventListener('keydown', (event) => this.step(event));
    this.replaceChildren(svg, this.tip);
    this.isAwaited = false;
    if (hasFocus) svg.focus();
  }

  /** At once, or when it is drawn. */
  focus() {
    if (this.drawn) this.drawn.svg.focus();
    else this.isAwaited = true;
  }

  point(event) {
    const box = this.getBoundingClientRect();
    this.show(this.drawn.nearest(event.clientX - box.left, event.clientY - box.top));
  }

  step(event) {
    const perRow = this.drawn.perRow ?? 0;
    const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: perRow, ArrowUp: -perRow }[event.key];
    if (event.key === 'Escape') this.show(null);
    if (!move) return;
    event.preventDefault();
    const { count } = this.drawn;
    const from = this.shown ?? (move > 0 ? -1 : count);
    const to = from + move;
    const isInside = to >= 0 && to < count;
    // Beyond the first and the last row there is nothing; beside the first and the last there is no other.
    if (isInside || this.shown === null) this.show(Math.max(0, Math.min(count - 1, to)));
  }

  show(i) {
    this.shown = i;
    this.drawn.mark(i);
    this.tip.hidden = i === null;
    if (i === null) return;
    const { titles, series, unit } = this.given;
    const lines = series.map(({ name, values }) => line(name, formatValue(values[i], unit)));
    const main = series[0];
    const before = series.find(({ role }) => role === 'before');
    const change = before ? formatChange(main.values[i], before.values[i], unit) : '';
    if (change !== '') lines.push(line('', change));
    this.tip.replaceChildren(html('b', '', titles[i]), ...lines);
    const { x, y } = this.drawn.at(i);
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const left = x + 14 + width > this.clientWidth ? x - 14 - width : x + 14;
    const top = Math.max(0, Math.min(this.clientHeight - height, y - height / 2));
    this.tip.style.transform = `translate(${Math.max(0, left)}px, ${top}px)`;
  }

  /** Changes between drawing and table. */
  toggle() {
    this.isTable = !this.isTable;
    if (!this.isTable) return this.draw();
    const { titles, series, unit, heading } = this.given;
    const head = html(
      'tr',
      '',
      columnHead('', heading ?? ''),
      ...series.map(({ name }) => columnHead('number', name)),
    );
    const rows = titles.map((title, i) =>
      html(
        'tr',
        '',
        html('td', '', title),
        ...series.map(({ values }) => html('td', 'number', formatValue(values[i], unit))),
      ),
    );
    const label = this.getAttribute('label') ?? '';
    const caption = html('caption', 'unseen', label);
    const table = html('table', 'rows', caption, html('thead', '', head), html('tbody', '', ...rows));
    const frame = html('div', 'chart-table', table);
    // It scrolls, so the keyboard must reach it, and whoever gets there hears what it is.
    frame.tabIndex = 0;
    frame.setAttribute('role', 'region');
    frame.setAttribute('aria-label', label);
    this.replaceChildren(frame);
  }
}

function columnHead(className, name) {
  const head = html('th', className, name);
  head.scope = 'col';
  return head;
}

function line(name, value) {
  return html('div', '', html('span', '', name), html('span', '', value));
}

customElements.define('sbw-chart', Chart);
