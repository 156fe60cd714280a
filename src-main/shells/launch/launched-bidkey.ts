/** What a shell gets when everything under it runs. */
import type { DesktopEngine } from '#shared/contract/desktop/desktop-contract.ts';
import type { ErrorCode } from '#shared/errors/error-table.ts';
import type { DemoKey } from '../../demo/demo-key.ts';
import type { EmbeddedCa } from '../../demo/embedded-ca.ts';
import type { Log } from '../../report/log.ts';
import type { Dispatch } from '../dispatch.ts';

export interface LaunchedBidKey {
  readonly engine: DesktopEngine;
  readonly dispatch: Dispatch;
  readonly dataFolder: string;
  readonly log: Log;
  readonly embeddedCa: EmbeddedCa | null;
  readonly demoKey: DemoKey | null;
  /** Why there is none although one was wanted: BidKey starts without it. */
  readonly demoKeyError: ErrorCode | null;
  /** The demo keys with national algorithms; absent when they could not be made or are not wanted. */
  readonly demoSm2Key?: DemoKey;
  /** Ends everything in the order in which it hangs together: engine and token hosts, CA service, lock. */
  close(): Promise<void>;
}
