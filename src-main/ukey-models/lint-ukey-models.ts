/** Rules across model profiles that a schema cannot say. One function per rule; each gives one line per breach. Pure. */
import { patternsOverlap } from './match-ukey-model.ts';
import type { LibraryPlace, TokenInterface, UkeyModelProfile } from './ukey-model-profile.ts';

/** @returns what is wrong, one line each; empty when all is well */
export function lintUkeyModels(models: readonly UkeyModelProfile[]): string[] {
  return RULES.flatMap((rule) => rule(models));
}

const RULES: readonly ((models: readonly UkeyModelProfile[]) => string[])[] = [idsAreUnique, picturesAreTheirOwn, noTwoModelsMatchOneKey, libraryPathsAreWhole, librariesServeAListedInterface, pinLengthsAreInOrder, skfModelsSayHowToSign, applicationsAreOfSkfModels, everyInterfaceSaysHowToUnlock, unlockWaysFitTheirInterface, renamingIsOfListedInterfaces, defaultPinsCouldBeUserPins];

function idsAreUnique(models: readonly UkeyModelProfile[]): string[] {
  return repeated(models.map((model) => model.id)).map((id) => `${id}: id is used twice`);
}

function picturesAreTheirOwn(models: readonly UkeyModelProfile[]): string[] {
  return repeated(models.map((model) => model.picture)).map((picture) => `${picture}: picture of two models; people choose by picture`);
}

function noTwoModelsMatchOneKey(models: readonly UkeyModelProfile[]): string[] {
  const breaches: string[] = [];
  for (const [index, left] of models.entries()) {
    for (const right of models.slice(index + 1)) {
      const meet = left.match.some((a) => right.match.some((b) => patternsOverlap(a.manufacturer, b.manufacturer) && patternsOverlap(a.model, b.model)));
      if (meet) breaches.push(`${left.id}, ${right.id}: one key could match both`);
    }
  }
  return breaches;
}

function libraryPathsAreWhole(models: readonly UkeyModelProfile[]): string[] {
  return models.flatMap((model) => model.libraries.flatMap((place) => place.paths.filter((path) => !isAbsoluteOrBare(path, place.platform)).map((path) => `${model.id}: ${path} is neither an absolute path nor a bare name`)));
}

function librariesServeAListedInterface(models: readonly UkeyModelProfile[]): string[] {
  return models.flatMap((model) => model.libraries.filter((place) => !model.interfaces.includes(place.interface)).map((place) => `${model.id}: a library for ${place.interface}, which is not among the interfaces`));
}

function pinLengthsAreInOrder(models: readonly UkeyModelProfile[]): string[] {
  return models.filter((model) => model.pinRules.minLength < 1 || model.pinRules.minLength > model.pinRules.maxLength).map((model) => `${model.id}: lengths of the PIN are not in order`);
}

function skfModelsSayHowToSign(models: readonly UkeyModelProfile[]): string[] {
  return models.filter((model) => model.interfaces.includes('skf') !== model.sgdSm2Sign.length > 0).map((model) => `${model.id}: sgdSm2Sign must be given for SKF models and only for them`);
}

function applicationsAreOfSkfModels(models: readonly UkeyModelProfile[]): string[] {
  return models.filter((model) => model.skfApplications.length > 0 && !model.interfaces.includes('skf')).map((model) => `${model.id}: skfApplications of a model without SKF`);
}

/** A person with a locked key must be told something, whatever driver is installed. */
function everyInterfaceSaysHowToUnlock(models: readonly UkeyModelProfile[]): string[] {
  return models.filter((model) => [...model.interfaces].sort().join() !== model.unlock.map((way) => way.interface).sort().join()).map((model) => `${model.id}: unlock must have one row for each interface`);
}

const CALLS_OF: Readonly<Partial<Record<UkeyModelProfile['unlock'][number]['strategy'], TokenInterface>>> = { 'so-init-pin': 'pkcs11', 'skf-unblock': 'skf' };

function unlockWaysFitTheirInterface(models: readonly UkeyModelProfile[]): string[] {
  return models.flatMap((model) => model.unlock.filter((way) => (CALLS_OF[way.strategy] ?? way.interface) !== way.interface).map((way) => `${model.id}: ${way.strategy} is no way of ${way.interface}`));
}

function renamingIsOfListedInterfaces(models: readonly UkeyModelProfile[]): string[] {
  // PKCS#11 writes a label only while it erases the token.
  return models.filter((model) => model.canRename.some((name) => name === 'pkcs11' || !model.interfaces.includes(name))).map((model) => `${model.id}: canRename names an interface that cannot`);
}

function defaultPinsCouldBeUserPins(models: readonly UkeyModelProfile[]): string[] {
  return models.flatMap((model) => model.defaultUserPins.filter((pin) => pin.length > model.pinRules.maxLength || (model.pinRules.allowed === 'digits' && !/^\d+$/.test(pin))).map(() => `${model.id}: a default PIN that the rules of the model do not allow`));
}

/** A relative path would depend on the folder in which BidKey was started: a way to make it load a planted library. */
function isAbsoluteOrBare(path: string, platform: LibraryPlace['platform']): boolean {
  const segments = path.split(platform === 'win32' ? /[\\/]/ : '/');
  if (segments.includes('..') || segments.includes('.')) return false;
  if (segments.length === 1) return true;
  return platform === 'win32' ? /^[A-Za-z]:[\\/]/.test(path) : path.startsWith('/');
}

function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
