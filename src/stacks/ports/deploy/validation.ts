/** What CloudFormation found wrong with a change set before it touched anything. */
export interface EarlyFinding {
  readonly logicalId: string;
  readonly type: string;
  /** `AWS::EarlyValidation::ResourceExistenceCheck` */
  readonly check: string;
  readonly reason: string;
}

export interface EarlyValidation {
  /** Empty when it found nothing, or does not tell. */
  findings(changeSetId: string): Promise<readonly EarlyFinding[]>;
}
