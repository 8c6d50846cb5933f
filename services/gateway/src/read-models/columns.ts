import type { ColumnOptions } from 'typeorm';

/** A time as ISO 8601 in the code and timestamptz in the table. */
export const time: ColumnOptions = {
  type: 'timestamptz',
  nullable: true,
  transformer: {
    to: (value: string | null) => value,
    from: (value: Date | null) => value?.toISOString() ?? null,
  },
};

/** A sequence of the log: PostgreSQL's driver gives bigint as a string. */
export const sequence: ColumnOptions = {
  type: 'bigint',
  nullable: true,
  transformer: {
    to: (value: number | null) => value,
    from: (value: string | null) => (value === null ? null : Number(value)),
  },
};
