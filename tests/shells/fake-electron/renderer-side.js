/** What a sandboxed preload script gets from require('electron'): contextBridge and ipcRenderer, over HTTP to the fake main process. Sent to the browser as text. */
globalThis.electronForRenderer = (page) => {
  const listeners = new Map();
  let stream = null;
  const listen = () => {
    stream ??= Object.assign(new page.EventSource('/__ipc/events'), {
      onmessage: ({ data }) => {
        const [channel, ...args] = JSON.parse(data);
        for (const listener of listeners.get(channel) ?? []) listener({ sender: 'event object that must not reach the page' }, ...args);
      },
    });
  };
  const ipcRenderer = {
    async invoke(channel, ...args) {
      const cloned = structuredClone(args);
      const response = await page.fetch('/__ipc/invoke', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ channel, args: cloned }) });
      if (!response.ok) throw new Error(`Error invoking remote method '${channel}': ${await response.text()}`);
      return (await response.json()).value;
    },
    on(channel, listener) {
      listen();
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
    },
    off(channel, listener) {
      listeners.set(channel, (listeners.get(channel) ?? []).filter((known) => known !== listener));
    },
  };
  // Functions cross as proxies, data by structured clone; anything else (class instances with methods, events) does not cross.
  const cross = (value) => {
    if (typeof value === 'function') return (...args) => crossResult(value(...args.map(crossArgument)));
    if (value !== null && typeof value === 'object') return Object.freeze(Object.fromEntries(Object.entries(value).map(([name, member]) => [name, cross(member)])));
    return value;
  };
  const crossArgument = (value) => (typeof value === 'function' ? (...args) => void value(...args.map((arg) => structuredClone(arg))) : structuredClone(value));
  const crossResult = (value) => (typeof value === 'function' ? cross(value) : value instanceof Promise ? value.then((settled) => structuredClone(settled)) : structuredClone(value));
  const contextBridge = {
    exposeInMainWorld(name, api) {
      if (name in page) throw new Error(`Cannot bind an API on top of an existing property on the window object: ${name}`);
      Object.defineProperty(page, name, { value: cross(api), writable: false, configurable: false, enumerable: true });
    },
  };
  return { contextBridge, ipcRenderer };
};
