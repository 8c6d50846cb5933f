import type { BlobRef, BuildLifecycle, BuildSource, FailureClass, NamedBlob } from '@tumbi/contracts';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { sequence, time } from './columns.js';

/** One attempt of a build, as the pages and the API tell it. */
export interface AttemptSummary {
  readonly attempt: number;
  readonly runner?: string;
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly outcome?: 'succeeded' | FailureClass;
  readonly stage?: string;
  readonly message?: string;
  readonly log?: BlobRef & { readonly lines: number };
}

@Entity('build')
export class BuildRow {
  @PrimaryColumn('uuid') id!: string;
  /** Source package; unknown for an upload until its attempt starts. */
  @Index() @Column('text', { nullable: true }) source!: string | null;
  @Column('text', { nullable: true }) version!: string | null;
  @Column('jsonb') request!: BuildSource;
  @Column('text') suite!: string;
  @Column('text') architecture!: string;
  @Index() @Column('text') tag!: string;
  @Column('int') timeLimit!: number;
  @Index() @Column('text') state!: string;
  @Column('jsonb') lifecycle!: BuildLifecycle;
  @Column('jsonb') attempts!: AttemptSummary[];
  @Column('text') requestedBy!: string;
  @Column(time) requestedAt!: string;
  @Column(time) startedAt!: string | null;
  @Column(time) finishedAt!: string | null;
  @Column('jsonb', { nullable: true }) inputs!: BlobRef | null;
  @Column('jsonb', { nullable: true }) changes!: NamedBlob | null;
  @Column('jsonb', { nullable: true }) buildinfo!: NamedBlob | null;
  @Column('jsonb', { nullable: true }) seconds!: Record<string, number> | null;
  /** The PackageTagged that put it into its tag. */
  @Column(sequence) taggedAt!: number | null;
}

@Entity('deb')
export class DebRow {
  /** `BUILD/ATTEMPT/FILENAME`. */
  @PrimaryColumn('text') key!: string;
  @Index() @Column('uuid') build!: string;
  @Column('int') attempt!: number;
  @Index() @Column('text') sha256!: string;
  @Index() @Column('text') package!: string;
  @Column('text') version!: string;
  @Column('text') architecture!: string;
  @Column('text') filename!: string;
  @Column({ ...sequence, nullable: false }) size!: number;
  @Column('jsonb') control!: Record<string, string>;
}

@Entity('tag')
export class TagRow {
  @PrimaryColumn('text') name!: string;
  @Column('text') suite!: string;
  @Column(time) createdAt!: string;
  /** Source packages in it, by build. */
  @Column('int') builds!: number;
  @Column('jsonb', { nullable: true }) published!: {
    readonly sequence: number;
    readonly at: string;
    readonly through: number;
    readonly packages: number;
    readonly keyFingerprint: string;
  } | null;
}

@Entity('runner')
export class RunnerRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('jsonb') architectures!: readonly string[];
  @Column('int') slots!: number;
  @Column('jsonb') tools!: Record<string, string>;
  @Column(time) registeredAt!: string;
}
