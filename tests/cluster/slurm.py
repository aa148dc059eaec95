"""A real Slurm on this machine alone: munged, slurmctld and two slurmd of two GPUs each, which are files.

All of it runs as the user of the tests, in a temporary folder, on free ports of the loopback interface. No cgroups: tasks
are followed by their parents (proctrack/linuxproc).
"""

import getpass
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "scontrol")
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
CONFIGURATION = """
ClusterName=tests
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
GresTypes=gpu
ReturnToService=2
SlurmdParameters=config_overrides
KillWait=1
CompleteWait=0
SchedulerParameters=sched_interval=1,sched_min_interval=100000
NodeName=node1 NodeHostname=localhost NodeAddr=127.0.0.1 Port={port1} CPUs=4 RealMemory=1000 Gres=gpu:2
NodeName=node2 NodeHostname=localhost NodeAddr=127.0.0.1 Port={port2} CPUs=4 RealMemory=1000 Gres=gpu:2
PartitionName=all Nodes=node1,node2 Default=YES MaxTime=INFINITE State=UP
"""


def missing():
    """Programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def wait_until(condition, what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"{what}: not within {seconds} s")


class Slurm:
    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fuseline-slurm-"))
        self.daemons = []
        for name in ("munge", "state", "spool-node1", "spool-node2"):
            (self.folder / name).mkdir()
        (self.folder / "munge").chmod(0o755)
        self.folder.chmod(0o755)
        key = self.folder / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        port, port1, port2 = free_ports(3)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            folder=self.folder, user=getpass.getuser(), port=port, port1=port1, port2=port2))
        for gpu in ("gpu0", "gpu1"):
            (self.folder / gpu).touch()
        (self.folder / "gres.conf").write_text(
            f"AutoDetect=off\nNodeName=node[1-2] Name=gpu File={self.folder}/gpu[0-1]\n")
        self.environment = {**os.environ, "PATH": PATH, "SLURM_CONF": str(self.folder / "slurm.conf")}
        self.environment = {name: value for name, value in self.environment.items() if not name.startswith("SLURM_JOB")}

    def start(self):
        munge = self.folder / "munge"
        self.daemon("munged", "--foreground", "--force", "-S", munge / "socket", "--key-file", munge / "key",
                    "--log-file", munge / "log", "--pid-file", munge / "pid", "--seed-file", munge / "seed",
                    "--num-threads", "2")
        wait_until((munge / "socket").exists, "munged")
        self.daemon("slurmctld", "-D")
        self.daemon("slurmd", "-D", "-N", "node1")
        self.daemon("slurmd", "-D", "-N", "node2")
        wait_until(lambda: self.states() == ["idle", "idle"], f"nodes of {self.folder}")

    def daemon(self, *words):
        log = open(self.folder / f"{words[0]}.out", "ab")
        self.daemons.append(subprocess.Popen([str(each) for each in words], env=self.environment, stdout=log, stderr=log,
                                             stdin=subprocess.DEVNULL, start_new_session=True))
        log.close()

    def run(self, *words):
        return subprocess.run([str(each) for each in words], env=self.environment, capture_output=True, text=True,
                              check=False, timeout=30)

    def states(self):
        return sorted(self.run("sinfo", "--noheader", "--Node", "--format=%t").stdout.split())

    def jobs(self, *options):
        return self.run("squeue", "--noheader", "--format=%i", *options).stdout.split()

    def calm(self):
        """As it was at the start, for the next test."""
        self.run("scancel", "--user", getpass.getuser())
        for node in ("node1", "node2"):
            self.run("scontrol", "update", f"nodename={node}", "state=resume")
        wait_until(lambda: not self.jobs() and self.states() == ["idle", "idle"], "a calm cluster")

    def stop(self):
        self.run("scancel", "--user", getpass.getuser())
        for daemon in reversed(self.daemons):
            daemon.send_signal(signal.SIGTERM)
        for daemon in reversed(self.daemons):
            try:
                daemon.wait(5)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
