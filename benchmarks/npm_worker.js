// The npm package tplink-cloud-api behind the same verbs as benchmarks/worker.py.
// It knows one address only: requests are turned to loopback on their way out.
// Its roots: NODE_EXTRA_CA_CERTS. Its place: the folder that holds node_modules.
"use strict";
const path = require("path");
const readline = require("readline");
const modules = path.resolve(process.argv[2], "node_modules");
const axios = require(path.join(modules, "axios"));
const { login } = require(path.join(modules, "tplink-cloud-api"));
const REAL = "https://wap.tplinkcloud.com";
let cloud, devices, target;

axios.interceptors.request.use((config) => {
  config.url = config.url.replace(REAL, target.url);
  return config;
});

async function list() {
  devices = (await cloud.getDeviceList()).map((row) => cloud.newDevice(row));
  return 0;
}

async function all(calls) {
  const found = await Promise.allSettled(calls);
  return found.filter((one) => one.status === "rejected").length;
}

const verbs = {
  list,
  read: async () => ((await devices[0].getSysInfo()) ? 0 : 1),
  toggle: async () => { await devices[0].toggle(); return 0; },
  sweep: (n) => all(devices.slice(0, n).map((one) => one.getSysInfo())),
  row: (n) => all(devices.slice(0, n).flatMap((one) => [one.getSysInfo(), one.getPowerUsage()])),
};

const peak = () => process.resourceUsage().maxRSS / 1024;

async function obey(order) {
  if (order.do === "open") {
    target = order.target;
    cloud = await login(target.email, target.password, "3c1e4a52-0000-4000-8000-5f3759df0002");
    await list();
    return { peak_mb: peak() };
  }
  const wall_ms = [];
  let failures = 0;
  const before = process.cpuUsage();
  for (let i = 0; i < (order.times || 1); i++) {
    const began = process.hrtime.bigint();
    try {
      failures += await verbs[order.do](...(order.args || []));
    } catch (error) {
      failures += 1;
      console.error(`${order.do}: ${error}`);
    }
    wall_ms.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  const used = process.cpuUsage(before);
  return { wall_ms, cpu_ms: (used.user + used.system) / 1000 / wall_ms.length, failures, peak_mb: peak() };
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await obey(JSON.parse(line))));
  }
  process.exit(0);
})();
