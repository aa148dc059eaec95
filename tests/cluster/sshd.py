"""A real sshd on a free port of the loopback interface, as the user of the tests, with keys and settings of its own."""

import getpass
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
PROGRAMS = ("sshd", "ssh", "ssh-keygen")


def missing():
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


class Sshd:
    """Whoever logs in has the home folder `there`, and a shell that greets."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fuseline-sshd-"))
        self.there = self.folder / "there"
        (self.there / "bin").mkdir(parents=True)
        for name in ("host", "user", "stranger"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / name], check=True)
        shutil.copy(self.folder / "user.pub", self.folder / "authorized")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        # What the login shell prints, and where it is at home.
        self.login = self.folder / "login"
        self.login_does("echo; echo Welcome to gpubox; echo module: command not found >&2")
        (self.folder / "sshd_config").write_text(f"""
Port {self.port}
ListenAddress 127.0.0.1
HostKey {self.folder}/host
PidFile {self.folder}/sshd.pid
AuthorizedKeysFile {self.folder}/authorized
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
ForceCommand {self.login}
""")
        self.client_config("user")
        self.daemon = None

    def login_does(self, commands):
        self.login.write_text(f"""#!/bin/sh
{commands}
HOME={self.there} PATH={self.there}/bin:$PATH exec sh -c "$SSH_ORIGINAL_COMMAND"
""")
        self.login.chmod(0o755)

    def client_config(self, key, known=True):
        host_key = (self.folder / "host.pub").read_text() if known else ""
        (self.folder / "known").write_text(f"[127.0.0.1]:{self.port} {host_key}\n" if known else "")
        (self.folder / "config").write_text(f"""
Host gpubox
  HostName 127.0.0.1
  Port {self.port}
  User {getpass.getuser()}
  IdentityFile {self.folder}/{key}
  IdentitiesOnly yes
  UserKnownHostsFile {self.folder}/known
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
Host nowhere
  HostName nowhere.invalid
""")

    def start(self):
        program = shutil.which("sshd", path=PATH)
        # It insists on this empty folder, which a system that starts it makes.
        if os.geteuid() == 0:
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
        log = open(self.folder / "log", "ab")
        self.daemon = subprocess.Popen([program, "-D", "-e", "-f", self.folder / "sshd_config"], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True)
        log.close()
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    @property
    def command(self):
        return f"ssh -F {self.folder}/config"

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
