/** Running another program, with a failure that a person can act on. */
import { spawn } from 'node:child_process';
import os from 'node:os';
import { root } from './files.mjs';
import { StepFailed } from './step.mjs';

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

/** A program that ran and failed, with what it wrote to standard output. */
export class CommandFailed extends StepFailed {
  /**
   * @param {string} message
   * @param {string} output
   */
  constructor(message, output) {
    super(message);
    this.output = output;
  }
}

/** Ends every program still running, because another step has failed. */
export function stopAll() {
  for (const child of running) child.kill();
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string>} [env] added to the environment
 * @property {boolean} [quiet] keep the output to ourselves, unless it fails
 * @property {boolean} [tee] show the output and return it too
 * @property {boolean} [behind] give way to other programs: it only uses idle cores
 * @property {string} [advice] what to do if it fails
 * @property {string} [missing] what to do if there is no such program
 */

/**
 * Runs a program to its end and returns what it wrote to standard output
 * (nothing if it was shown).
 * @param {string} program
 * @param {string[]} options
 * @param {RunOptions} [settings]
 * @returns {Promise<string>}
 */
export function run(program, options, settings = {}) {
  const { cwd = root, env, quiet, tee, behind, advice, missing } = settings;
  const command = [program, ...options].join(' ');
  const todo = (/** @type {string | undefined} */ text) => (text ? `\nWhat to do: ${text}` : '');
  return new Promise((resolve, reject) => {
    const output = quiet || tee ? 'pipe' : 'inherit';
    const child = spawn(program, options, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', output, tee ? 'inherit' : output],
    });
    running.add(child);
    if (behind && child.pid) os.setPriority(child.pid, os.constants.priority.PRIORITY_LOW);
    let out = '';
    let both = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      out += text;
      both += text;
      if (tee) process.stdout.write(text);
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => (both += text));
    child.on('error', (error) => {
      running.delete(child);
      const absent = 'code' in error && error.code === 'ENOENT';
      const why = absent ? `there is no program \`${program}\`` : error.message;
      reject(new StepFailed(`\`${command}\`: ${why}.${todo((absent && missing) || advice)}`));
    });
    child.on('close', (status, signal) => {
      running.delete(child);
      if (status === 0) return resolve(out);
      const how = signal ? `was ended by ${signal}` : `failed with exit status ${status}`;
      const last = quiet ? `\n${both.trimEnd().split('\n').slice(-40).join('\n')}` : '';
      reject(new CommandFailed(`\`${command}\` ${how}.${last}${todo(advice)}`, out));
    });
  });
}

/**
 * The body of a script: on failure it says why, ends what still runs, and
 * leaves with status 1.
 * @param {() => Promise<void>} body
 */
export async function script(body) {
  process.once('SIGTERM', () => {
    stopAll();
    process.exit(143);
  });
  try {
    await body();
  } catch (error) {
    stopAll();
    console.error(error instanceof StepFailed ? `\n${error.message}` : error);
    process.exit(1);
  }
}
