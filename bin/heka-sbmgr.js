#!/usr/bin/env node
import { launch } from './launch.js';

launch('heka-sbmgr', { isolates: false });
