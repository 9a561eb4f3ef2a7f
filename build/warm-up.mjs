import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";

/**
 * Runs the bundles of a directory once, on a small project, and leaves what V8 made of each beside it: with the functions
 * that were called, which V8 else makes one by one when they are called. Without a cache all works too, so that a machine
 * where the run fails is told so, and has its dist/.
 */
export async function warmUp(dir) {
  const project = await mkdtemp(join(tmpdir(), "bowline-build-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), text);
    }
    await build({ entryPoints: ["src/code-cache.ts"], absWorkingDir: join(import.meta.dirname, ".."), bundle: true, platform: "node", format: "esm", outfile: join(project, "code-cache.mjs") });
    const env = { PATH: process.env.PATH, HOME: project, BOWLINE_STATE_DIR: join(project, "state"), BOWLINE_LOCK: join(project, "lock") };
    for (const [bundle, words] of Object.entries(firstWords)) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, "first-run.mjs"), dir, project, bundle, ...words], { cwd: project, env, encoding: "utf8", timeout: 60_000 });
      if (status !== 0) process.stderr.write(`build: the first run of ${bundle}.js failed, so that it starts without a cache:\n${stdout}${stderr}`);
      if (status !== 0) await writeFile(join(dir, `${bundle}.cache`), "");
    }
  } finally {
    await rm(project, { recursive: true, force: true });
  }
}

const firstWords = { bundle: ["run", "site.yml", "-i", "inventory", "--check", "--diff"], help: ["--help"] };

const files = {
  "inventory/hosts": "here ansible_connection=local\n\n[web]\nhere\n\n[web:vars]\nport=8080\n",
  "group_vars/all.yml": "greeting: hello\npackages: [curl, git]\n",
  "templates/site.conf.hbs": "{{#each packages}}\n{{ this }}\n{{/each}}\n{{#if debug}}on{{else}}off{{/if}} {{ upper greeting }}\n",
  "site.yml": `- name: Warm up
  hosts: web
  vars:
    root: "{{ inventory_dir }}/made"
    debug: false
  tasks:
    - name: A directory
      directory:
        path: "{{ root }}/one"
        mode: "0755"
    - name: Directories
      directory: { path: "{{ root }}/{{ item }}", state: absent }
      loop: "{{ packages }}"
    - name: A file
      copy:
        dest: "{{ root }}/motd"
        content: "{{ greeting }} on port {{ port }}\\n"
        mode: "0644"
      notify: Reload
      when: port > 80 && greeting != ''
    - name: A template
      template: { src: site.conf.hbs, dest: "{{ root }}/site.conf" }
      tags: [config]
      notify: Reload
    - name: A command
      command: "true"
      register: ran
      changed_when: false
    - block:
        - name: Said
          debug: { msg: "{{ inventory_hostname }}" }
      rescue:
        - fail: { msg: never }
  handlers:
    - name: Reload
      debug: { msg: reload }
`,
};
