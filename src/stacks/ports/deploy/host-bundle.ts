/** The packages that a server installs without the internet, built by CodeBuild into the assets bucket. */
export interface HostBundle {
  /** The bundle that was built from this source; null when there is none yet. */
  find(bucket: string, sourceKey: string): Promise<BuiltBundle | null>;
  /**
   * Builds it and waits; joins a build of the same source that runs already.
   *
   * @throws SbwError BUNDLE_BUILD_FAILED with the end of the build's log
   */
  build(request: BundleRequest, say: (text: string) => void, stop: AbortSignal): Promise<BuiltBundle>;
}

export interface BundleRequest {
  readonly projectName: string;
  readonly bucket: string;
  readonly sourceKey: string;
}

export interface BuiltBundle {
  /** `host/bundle-<sha256>.tar` */
  readonly key: string;
  readonly sha256: string;
}
