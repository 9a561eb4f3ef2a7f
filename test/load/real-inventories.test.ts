import { join } from "node:path";
import { loadInventory } from "../../src/load/inventory.ts";
import { selectHosts } from "../../src/load/patterns.ts";
import { groupsOf, variablesOf } from "./_variables.ts";

/** Inventories in the shapes that widely used projects document. */
const load = (...path: string[]) => loadInventory([join(import.meta.dirname, "fixtures", ...path)], "/nowhere");

test("kubespray, INI: the first of the control plane is the one that its group names first", async () => {
  const inventory = await load("kubespray", "inventory.ini");
  expect(groupsOf(inventory)).toEqual({
    all: ["node1", "node2", "node3", "node4", "bastion"],
    ungrouped: [],
    bastion: ["bastion"],
    kube_control_plane: ["node2", "node1", "node3"],
    etcd: ["node2", "node1", "node3"],
    kube_node: ["node3", "node4"],
    calico_rr: [],
    k8s_cluster: ["node2", "node1", "node3", "node4"],
  });
  expect(selectHosts(inventory, "kube_control_plane[0]").hosts).toEqual(["node2"]);
  expect(selectHosts(inventory, "k8s_cluster:etcd:calico_rr:!kube_node").hosts).toEqual(["node2", "node1"]);
  expect(inventory.host("node3")!.groups).toEqual(["etcd", "k8s_cluster", "kube_control_plane", "kube_node"]);
  expect(variablesOf(inventory, "node4")).toMatchObject({ ansible_host: "192.0.2.14", bin_dir: "/opt/bin", kube_apiserver_port: 6443, helm_enabled: false, etcd_deployment_type: "host" });
  expect(variablesOf(inventory, "bastion")).toMatchObject({ ansible_user: "deploy", bin_dir: "/usr/local/bin", ntp_servers: { "0.pool.ntp.org": {}, "1.pool.ntp.org": {} } });
});

test("kubespray, YAML", async () => {
  const inventory = await load("kubespray-yaml", "hosts.yaml");
  expect(groupsOf(inventory)).toEqual({
    all: ["node1", "node2"],
    ungrouped: [],
    kube_control_plane: ["node1", "node2"],
    kube_node: ["node2"],
    etcd: ["node1"],
    k8s_cluster: ["node1", "node2"],
    calico_rr: [],
  });
  expect(variablesOf(inventory, "node2")).toEqual({ ansible_host: "10.10.1.4", ip: "10.10.1.4", access_ip: "10.10.1.4" });
});

test("ceph-ansible: lists of devices on the lines of hosts, and samples that nobody reads", async () => {
  const inventory = await load("ceph", "hosts");
  expect(inventory.groups.get("cluster")).toEqual(["ceph-mon00", "ceph-mon01", "ceph-mon02", "ceph-osd-0", "ceph-osd-1", "ceph-rgw0"]);
  const cluster = { ansible_user: "ceph", ansible_become: true, ansible_ssh_common_args: "-o StrictHostKeyChecking=no", dummy: null, ceph_origin: "repository", public_network: "192.0.2.0/24" };
  expect(variablesOf(inventory, "ceph-osd-0")).toEqual({ ...cluster, osd_objectstore: "bluestore", devices: ["/dev/sda", "/dev/sdb"], osd_crush_location: { root: "default", rack: "r0" } });
  expect(variablesOf(inventory, "ceph-rgw0")).toEqual({ ...cluster, radosgw_address: "192.0.2.40", rgw_zonemaster: true });
  expect(variablesOf(inventory, "ceph-mon00")).toEqual({ ...cluster, copy_admin_key: true, monitor_interface: "eth0" });
  expect(inventory.host("ceph-mon00")!.groups).toEqual(["cluster", "grafana-server", "mgrs", "mons"]);
});

test("debops: a directory with hosts, group_vars and host_vars full of directories", async () => {
  const inventory = await load("debops", "inventory");
  expect(inventory.groups.get("debops_service_postgresql")).toEqual(["db1.example.org"]);
  expect(variablesOf(inventory, "db1.example.org")).toEqual({
    ansible_host: "db1.example.org",
    netbase__domain: "example.org",
    keyring__enabled: true,
    bootstrap__sudo: false,
    postgresql__roles: [{ name: "app", flags: ["CREATEDB"], password: '{{ lookup("password", secret + "/app") }}' }],
    postgresql_server__listen_addresses: ["*"],
  });
  expect(variablesOf(inventory, "web1.example.org")).toMatchObject({ ansible_port: 2222 });
  expect(inventory.groups.get("ungrouped")).toEqual(["ansible_controller"]);
  expect(inventory.warnings).toEqual([]);
});
