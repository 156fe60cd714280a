/**
 * Devices on Linux: which keys of known models are plugged into USB, whether this person may use them, which other processes hold them or have a driver
 * loaded, and whether the smart card service runs. Reads /sys, /dev, /proc and /run; changes nothing.
 */
import type { UkeyModelProfile } from '../ukey-models/ukey-model-profile.ts';
import { PCSCD_SOCKET, type FoundLibrary } from './driver-findings.ts';
import type { Found } from './findings.ts';
import type { FileState, SystemView } from './system-view.ts';

export interface PluggedDevice {
  /** vendor:product */
  readonly usbId: string;
  readonly product: string;
  /** Null: of no model that is known, but a smart card by its class. */
  readonly modelId: string | null;
  /** Nodes through which it is used. */
  readonly nodes: readonly string[];
}

const USB = '/sys/bus/usb/devices';
const HIDRAW = '/sys/class/hidraw';
/** USB class of smart card devices. */
const CLASS_SMART_CARD = '0b';
const PCSCD_PROGRAMS = ['/usr/sbin/pcscd', '/usr/bin/pcscd', '/sbin/pcscd'];
const MAX_SMALL_FILE = 4096;
const MAX_MAPS_BYTES = 8 * 1024 * 1024;

export async function findPlugged(models: readonly UkeyModelProfile[], system: SystemView): Promise<PluggedDevice[]> {
  const names = await system.list(USB);
  const hidraw = await hidrawNodes(system);
  const devices: PluggedDevice[] = [];
  for (const name of names) {
    const text = (file: string) => smallText(system, `${USB}/${name}/${file}`);
    const [vendor, product, bus, number] = await Promise.all([text('idVendor'), text('idProduct'), text('busnum'), text('devnum')]);
    if (!/^[0-9a-f]{4}$/.test(vendor) || !/^[0-9a-f]{4}$/.test(product)) continue;
    const usbId = `${vendor}:${product}`;
    const modelId = models.find(({ usbIds }) => usbIds.includes(usbId))?.id ?? null;
    if (modelId === null && !(await isSmartCard(name, names, system))) continue;
    const node = `/dev/bus/usb/${bus.padStart(3, '0')}/${number.padStart(3, '0')}`;
    devices.push({ usbId, product: await text('product'), modelId, nodes: [node, ...hidraw.filter((one) => one.usbId === usbId).map((one) => one.node)] });
  }
  return devices;
}

/** An interface of the device `1-2` is named `1-2:1.0`. */
async function isSmartCard(device: string, names: readonly string[], system: SystemView): Promise<boolean> {
  for (const name of names.filter((one) => one.startsWith(`${device}:`))) if ((await smallText(system, `${USB}/${name}/bInterfaceClass`)) === CLASS_SMART_CARD) return true;
  return false;
}

async function hidrawNodes(system: SystemView): Promise<{ readonly usbId: string; readonly node: string }[]> {
  const nodes: { usbId: string; node: string }[] = [];
  for (const name of await system.list(HIDRAW)) {
    // HID_ID=0003:0000055C:0000DB08: bus, vendor, product.
    const [, vendor, product] = /^HID_ID=[0-9A-F]{4}:0000([0-9A-F]{4}):0000([0-9A-F]{4})$/m.exec(await smallText(system, `${HIDRAW}/${name}/device/uevent`)) ?? [];
    if (vendor !== undefined && product !== undefined) nodes.push({ usbId: `${vendor}:${product}`.toLowerCase(), node: `/dev/${name}` });
  }
  return nodes;
}

async function smallText(system: SystemView, path: string): Promise<string> {
  const bytes = await system.read(path, MAX_SMALL_FILE);
  return bytes === null ? '' : Buffer.from(bytes).toString('utf8').trim();
}

export async function lookAtLinuxDevices(devices: readonly PluggedDevice[], libraries: readonly FoundLibrary[], system: SystemView, found: Found): Promise<void> {
  for (const device of devices) {
    const facts = { usbId: device.usbId, product: device.product, model: device.modelId };
    found(device.modelId === null ? 'DEVICE_UNKNOWN' : 'DEVICE_SEEN', device.usbId, facts);
    if (device.modelId !== null && !libraries.some(({ modelId }) => modelId === device.modelId)) found('DRIVER_MISSING_FOR_PLUGGED', device.usbId, facts);
    for (const node of device.nodes) await lookAtRights(node, device, system, found);
  }
  await lookAtPcscd(system, found);
  await lookAtHolders(devices, libraries, system, found);
}

const READ_AND_WRITE = 6;

async function lookAtRights(node: string, device: PluggedDevice, system: SystemView, found: Found): Promise<void> {
  const state = await system.state(node);
  if (state === null || system.user === null || mayUse(state, system.user)) return;
  found('DEVICE_NO_PERMISSION', node, { usbId: device.usbId, product: device.product, node, mode: state.mode.toString(8).padStart(4, '0'), ownerId: state.userId, groupId: state.groupId });
}

/** The rights that count are those of the first that fits: owner, group, others. Access lists can only be seen through `mode`, whose group bits are then their mask. */
function mayUse(state: FileState, user: NonNullable<SystemView['user']>): boolean {
  if (user.userId === 0) return true;
  const shift = state.userId === user.userId ? 6 : user.groupIds.includes(state.groupId) ? 3 : 0;
  return ((state.mode >> shift) & READ_AND_WRITE) === READ_AND_WRITE;
}

async function lookAtPcscd(system: SystemView, found: Found): Promise<void> {
  if ((await system.state(PCSCD_SOCKET))?.kind === 'socket') return found('PCSCD_RUNS', '', { socket: PCSCD_SOCKET });
  const programs = await Promise.all(PCSCD_PROGRAMS.map(async (path) => ((await system.state(path))?.kind === 'file' ? path : null)));
  const program = programs.find((path) => path !== null) ?? null;
  found(program === null ? 'PCSCD_ABSENT' : 'PCSCD_STOPPED', '', { program, socket: PCSCD_SOCKET });
}

async function lookAtHolders(devices: readonly PluggedDevice[], libraries: readonly FoundLibrary[], system: SystemView, found: Found): Promise<void> {
  const nodes = new Set(devices.flatMap((device) => device.nodes));
  const paths = [...new Set(await Promise.all(libraries.map(({ path }) => system.resolve(path))))].filter((path) => path !== null);
  let unreadable = 0;
  for (const pid of (await system.list('/proc')).filter((name) => /^\d+$/.test(name))) {
    const status = await smallText(system, `/proc/${pid}/status`);
    const parent = /^PPid:\s*(\d+)$/m.exec(status)?.[1];
    // Threads of the kernel have no memory of their own.
    if (Number(pid) === system.processId || Number(parent) === system.processId || !/^VmSize:/m.test(status)) continue;
    const process = await smallText(system, `/proc/${pid}/comm`);
    const held = await heldNodes(pid, nodes, system);
    if (held === null) unreadable += 1;
    for (const node of held ?? []) found(process === 'pcscd' ? 'DEVICE_HELD_BY_PCSCD' : 'DEVICE_HELD', `${pid} ${node}`, { process, processId: Number(pid), node });
    const maps = paths.length === 0 ? '' : Buffer.from((await system.read(`/proc/${pid}/maps`, MAX_MAPS_BYTES)) ?? []).toString('utf8');
    for (const path of paths) if (maps.includes(` ${path}\n`)) found('LIBRARY_HELD', `${pid} ${path}`, { process, processId: Number(pid), path });
  }
  if (unreadable > 0 && nodes.size > 0) found('PROCESSES_UNREADABLE', '', { processes: unreadable });
}

/** @returns null when the open files of the process may not be looked at */
async function heldNodes(pid: string, nodes: ReadonlySet<string>, system: SystemView): Promise<string[] | null> {
  if (nodes.size === 0) return [];
  const descriptors = await system.list(`/proc/${pid}/fd`);
  // Every process has some; none means that they are not shown.
  if (descriptors.length === 0) return null;
  const links = await Promise.all(descriptors.map((descriptor) => system.link(`/proc/${pid}/fd/${descriptor}`)));
  return [...new Set(links.filter((link) => link !== null && nodes.has(link)))] as string[];
}
