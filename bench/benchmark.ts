/** How a benchmark is to run. */
export interface Conditions {
  /** Fewer rounds: to see that it works, not for figures. */
  readonly quick: boolean;
  /** Tumbi's folder: it has the nats-server, and keeps base roots and layers between runs. */
  readonly home: string;
  /** Says what is being done, for people. */
  readonly say: (text: string) => void;
}

export type Benchmark = (conditions: Conditions) => Promise<readonly Table[]>;

export interface Table {
  readonly title: string;
  /** The first column is text, the others are figures. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a reader must know beside the figures. */
  readonly remarks?: readonly string[];
}

/** A table in Markdown whose columns also line up in a terminal. */
export function formatTable({ title, columns, rows, remarks = [] }: Table): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map(row => row[i]?.length ?? 0)));
  const cells = (row: readonly string[]) =>
    widths.map((width, i) => (i === 0 ? (row[i] ?? '').padEnd(width) : (row[i] ?? '').padStart(width)));
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const parts = [`### ${title}`, '', line(cells(columns)), line(rule), ...rows.map(row => line(cells(row)))];
  return [...parts, ...remarks.map(remark => `\n${remark}`), ''].join('\n');
}
