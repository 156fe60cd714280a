/**
 * The diagnosis as the desktop contract offers it; entry of this folder. Runs part by part; every finding is told at once; one runs at a time. Rule: a part
 * that breaks is a mistake of ours and ends the run; what a machine, driver, service or key does is a finding.
 */
import type { DesktopInput, DesktopOutput, Language } from '#shared/contract/desktop/desktop-contract.ts';
import type { Diagnosis, DiagnosisArea, Finding } from '#shared/contract/desktop/diagnosis.ts';
import { AppError, refuse } from '#shared/errors/app-error.ts';
import type { CryptoPort } from '#shared/crypto/crypto-port.ts';
import type { DriverConfig } from '../token/driver-watch.ts';
import type { TokenPort } from '../token/token-port.ts';
import type { UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import { lookAtDrivers } from './driver-findings.ts';
import { exportDiagnosis } from './export-diagnosis.ts';
import { makeFinding, type Found } from './findings.ts';
import { lookAtKeys } from './key-findings.ts';
import { findPlugged, lookAtLinuxDevices } from './linux-devices.ts';
import type { ProbePorts } from './probe-driver.ts';
import { lookAtService, type ServicePorts } from './service-findings.ts';
import type { SystemView } from './system-view.ts';
import { tryUse } from './use-findings.ts';
import { lookAtWindows } from './windows-facts.ts';

export interface DiagnosisPorts {
  readonly system: SystemView;
  readonly service: ServicePorts;
  readonly tokens: TokenPort;
  readonly probe: ProbePorts;
  readonly crypto: CryptoPort;
  readonly now: () => Date;
  readonly models: () => Promise<readonly UkeyModelProfile[]>;
  readonly drivers: () => readonly DriverConfig[];
  /** A writing is being carried out. */
  readonly busy: () => boolean;
  readonly version: string;
  readonly language: () => Language;
  readonly onFinding: (finding: Finding) => void;
  readonly onChanged: (diagnosis: Diagnosis) => void;
}

export interface DiagnosisDesk {
  /** @throws DIAGNOSIS_RUNNING */
  run(input: DesktopInput<'diagnosis.run'>): Promise<Diagnosis>;
  newest(): Diagnosis | null;
  /** @throws DIAGNOSIS_NONE */
  export(): DesktopOutput<'diagnosis.export'>;
}

export function createDiagnosis(ports: DiagnosisPorts): DiagnosisDesk {
  let newest: Diagnosis | null = null;

  const set = (next: Diagnosis): Diagnosis => {
    newest = next;
    ports.onChanged(next);
    return next;
  };

  return {
    async run(input) {
      if (newest?.running) throw new AppError('DIAGNOSIS_RUNNING');
      let now = set({ running: true, area: null, findings: [], startedAtUtc: ports.now().toISOString(), endedAtUtc: null });
      const found: Found = (code, about, facts) => {
        const finding = makeFinding(code, about, facts);
        if (now.findings.some(({ id }) => id === finding.id)) return;
        now = newest = { ...now, findings: [...now.findings, finding] };
        ports.onFinding(finding);
      };
      const enter = (area: DiagnosisArea) => (now = set({ ...now, area }));
      try {
        await runParts(input, ports, found, enter);
      } finally {
        now = set({ ...now, running: false, area: null, endedAtUtc: ports.now().toISOString() });
      }
      return now;
    },
    newest: () => newest,
    export() {
      if (newest === null) return refuse('DIAGNOSIS_NONE');
      return exportDiagnosis(newest, { version: ports.version, language: ports.language(), at: ports.now() });
    },
  };
}

async function runParts(input: DesktopInput<'diagnosis.run'>, ports: DiagnosisPorts, found: Found, enter: (area: DiagnosisArea) => void): Promise<void> {
  const { system, service, probe, tokens, crypto, now } = ports;
  const models = await ports.models();
  enter('system');
  found('SYSTEM', '', { platform: system.platform, processor: system.processor, release: system.release, glibc: system.glibcVersion, name: await systemName(system), node: process.versions.node });
  enter('service');
  const chain = await lookAtService(service, found);
  enter('drivers');
  const libraries = await lookAtDrivers({ models, drivers: ports.drivers(), busy: ports.busy() }, system, probe, found);
  if (system.platform === 'win32') await lookAtWindows(system, found);
  enter('devices');
  if (system.platform === 'linux') await lookAtLinuxDevices(await findPlugged(models, system), libraries, system, found);
  else if (system.platform !== 'win32') found('DEVICES_NOT_LOOKED_AT', '', { platform: system.platform });
  enter('keys');
  const list = await tokens.list();
  await lookAtKeys(list.tokens, chain, { crypto, now, client: chain.rootsDer.length > 0 ? service.client() : null }, found);
  if (input.use === undefined) return;
  enter('use');
  await tryUse(tokens, input.use, crypto, found);
}

/** PRETTY_NAME of /etc/os-release: UOS, Kylin, Debian. */
async function systemName(system: SystemView): Promise<string | null> {
  const bytes = await system.read('/etc/os-release', 8192);
  return bytes === null ? null : (/^PRETTY_NAME="?([^"\n]*)"?$/m.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? null);
}
