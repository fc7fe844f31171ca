import { withoutColour } from './paint.ts';

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. Default left. */
  readonly align?: 'left' | 'right';
}

/**
 * Aligned columns, two spaces apart, with a line of titles. Cells may be painted; data in them must have gone
 * through `oneLine`.
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map((column) => column.title), ...rows];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => widthOf(line[index] ?? ''))));
  return lines.map((line) => formatLine(columns, widths, line)).join('\n');
}

function formatLine(columns: readonly Column[], widths: readonly number[], cells: readonly string[]): string {
  const padded = columns.map(({ align }, index) => {
    const cell = cells[index] ?? '';
    const space = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
    return align === 'right' ? space + cell : cell + space;
  });
  return padded.join('  ').trimEnd();
}

function widthOf(cell: string): number {
  return withoutColour(cell).length;
}
