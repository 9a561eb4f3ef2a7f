import type { Machine } from "../machine.ts";

/** A repository of packages on the machine itself, in the place of Debian's, which it cannot reach. */
export async function ownRepository(machine: Machine): Promise<{ readonly publish: (name: string, version: string) => Promise<void> }> {
  await machine.must(`
    mkdir -p /var/tmp/repository
    : >/var/tmp/repository/Packages
    rm -rf /etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] copy:/var/tmp/repository ./' >/etc/apt/sources.list
    apt-get -q update
  `);
  /** A package of one file, /opt/NAME, which tells its version; known once the lists are read anew. */
  const publish = async (name: string, version: string) => {
    await machine.must(`
      set -e
      cd /var/tmp/repository
      rm -rf build && mkdir -p build/DEBIAN build/opt && echo ${version} >build/opt/${name}
      printf 'Package: ${name}\\nVersion: ${version}\\nArchitecture: all\\nMaintainer: lab\\nDescription: lab\\n' >build/DEBIAN/control
      dpkg-deb --root-owner-group -b build ${name}_${version}_all.deb >/dev/null
      { dpkg-deb -f ${name}_${version}_all.deb; printf 'Filename: ./${name}_${version}_all.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$(stat -c %s ${name}_${version}_all.deb)" "$(sha256sum <${name}_${version}_all.deb | cut -d ' ' -f 1)"; } >>Packages
      rm -rf build
    `);
  };
  return { publish };
}
