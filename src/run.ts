#!/usr/bin/env node
// `run PLAYBOOK …` is `bowline run PLAYBOOK …` under its second name.
import { launch } from "./launch.ts";

if (process.argv[2] !== "--version" && process.argv[2] !== "-V") process.argv.splice(2, 0, "run");
launch();
