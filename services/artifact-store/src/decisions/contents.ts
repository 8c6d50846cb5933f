/** A .deb in a tag, with the build that made it. */
export interface TaggedDeb {
  readonly package: string;
  readonly version: string;
  readonly architecture: string;
}

/**
 * What a repository may hold: of the same package, version and architecture only the one tagged last, since apt
 * could not tell them apart.
 * @param debs in the order they were tagged
 */
export function repositoryContents<Deb extends TaggedDeb>(debs: readonly Deb[]): Deb[] {
  const last = new Map<string, Deb>();
  for (const deb of debs) last.set(`${deb.package} ${deb.version} ${deb.architecture}`, deb);
  return [...last.values()];
}
