using System.Runtime.Versioning;
using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps.Cluster;

/// <summary>The command <c>sweep --slurm</c>, with shell scripts as Slurm's commands.</summary>
[UnsupportedOSPlatform("windows")]
[Platform(Exclude = "Win", Reason = "Slurm is not for Windows, nor are shell scripts")]
sealed class SlurmSweepTests : ClusterTests
{
    // Runs each task to its end, but for those whose number stands in the file lost: of them, a number is lost each time.
    const string Sbatch = """
        #!/bin/sh
        if [ "$1" = --version ]; then exit; fi
        echo "$@" >>calls
        if [ -f refusal ]; then cat refusal >&2; exit 1; fi
        for word; do
          case $word in --array=*) array=${word#--array=} ;; esac
          script=$word
        done
        for range in $(echo "$array" | tr , ' '); do
          for task in $(seq "${range%-*}" "${range#*-}"); do
            if grep -q "^$task$" lost; then
              sed -i "0,/^$task$/{/^$task$/d}" lost
            else
              SLURM_ARRAY_TASK_ID=$task sh "$script" >"log-$task" 2>&1
            fi
          done
        done
        echo "17;cluster"
        """;

    // A job has ended, but for where a file says otherwise.
    const string Squeue = """
        #!/bin/sh
        if [ -f states ]; then cat states; exit; fi
        echo "slurm_load_jobs error: Invalid job id specified" >&2
        exit 1
        """;

    string Bin => Path.Combine(Folder, "bin");

    [SetUp]
    public void MakeSlurm()
    {
        Directory.CreateDirectory(Bin);
        foreach ((string name, string text) in ((string, string)[])[("sbatch", Sbatch), ("squeue", Squeue)])
        {
            string path = Path.Combine(Bin, name);
            File.WriteAllText(path, text);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        Write("lost", "");
    }

    [Test]
    public void A_sweep_on_a_cluster_is_the_sweep_of_one_process_bit_for_bit()
    {
        Write("lost", "2\n");
        Outcome outcome = Call(Sweep(5, "--run", "ma ny", "--slurm", "3", "--sbatch", "--time=1:00 --comment=\"a b\"", "--json"));
        Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
        Succeed(Sweep(5, "--run", "one"));
        AssertSame("ma ny", "one");
        string[] calls = File.ReadAllLines("calls");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(calls, Has.Length.EqualTo(2));
            Assert.That(calls[0], Does.Contain("--parsable --array=1-3 "));
            Assert.That(calls[1], Does.Contain("--parsable --array=2 "));
            Assert.That(File.ReadAllLines(Path.Combine("ma ny", "job.sh")), Does.Contain("#SBATCH --time=1:00 --comment=\"a b\""));
            Assert.That(outcome.Json.GetProperty("networks").GetInt32(), Is.EqualTo(5));
        }
    }

    [Test]
    public void Tasks_that_fail_again_and_again_are_named_and_can_be_submitted_later()
    {
        Write("lost", "1\n1\n1\n3\n");
        Outcome outcome = Call(Sweep(3, "--run", "many", "--slurm", "3"));
        outcome.AssertFailed(WrongCall, "1 part not begun (1)", "sweep --slurm 3 --resume many", "logs");
        Assert.That(File.ReadAllLines("calls").Select(Array), Is.EqualTo(new[] { "1-3", "1,3", "1" }));
        Assert.That(Call("sweep", "--slurm", "3", "--resume", "many", "--sbatch", "--mem=\"1 G\"").ExitCode, Is.EqualTo(Done));
        Assert.That(File.ReadAllLines("calls")[^1], Does.Contain("--array=1 ").And.Contain(" --mem=1 G "));
        Succeed(Sweep(3, "--run", "one"));
        AssertSame("many", "one");
    }

    [Test]
    public void An_interrupt_leaves_the_job_and_tells_how_to_follow_it()
    {
        Write("states", "RUNNING\nRUNNING\nPENDING\n");
        using (var process = new MakemoreProcess(Sweep(3, "--run", "many", "--slurm", "3"), ("PATH", Commands)))
        {
            process.WaitFor("3 networks ended   job 17: 1 pending, 2 running");
            process.Send("INT");
            process.End().AssertFailed(Interrupted, "job 17", "scancel 17", "sweep --slurm 3 --resume many");
        }
        File.Delete("states");
        Assert.That(Call("sweep", "--slurm", "3", "--resume", "many").ExitCode, Is.EqualTo(Done));
        Assert.That(File.ReadAllLines("calls"), Has.Length.EqualTo(1), "all parts were complete");
        Assert.That(Path.Combine("many", SweepFolder.ModelFileName), Does.Exist);
    }

    [Test]
    public void What_sbatch_refuses_is_told_and_leaves_nothing()
    {
        Write("refusal", "sbatch: error: invalid partition specified: gpu\nsbatch: error: Batch job submission failed\n");
        Outcome outcome = Call(Sweep(3, "--run", "many", "--slurm", "3", "--sbatch", "--partition=gpu"));
        outcome.AssertFailed(WrongCall, "invalid partition specified: gpu; sbatch: error: Batch", "--sbatch");
        Assert.That(Directory.Exists("many"), Is.False);
    }

    [Test]
    public void Where_Slurm_is_not_there_the_mend_is_told()
    {
        Outcome outcome = MakemoreProcess.Run(Sweep(3, "--run", "many", "--slurm", "3"), ("PATH", Path.Combine(Folder, "none")));
        outcome.AssertFailed(WrongCall, "no sbatch", "--part K/N");
        Assert.That(Directory.Exists("many"), Is.False);
    }

    [Test]
    public void What_tasks_cannot_do_is_refused_before_anything_is_submitted()
    {
        Refuse(Sweep(3, "--slurm", "0"), "--slurm", "1 to 10,000");
        Refuse(Sweep(3, "--slurm", "2", "--part", "1/2"), "--part");
        Refuse(Sweep(3, "--slurm", "2", "--halving"), "--halving");
        Refuse(Sweep(3, "--slurm", "2", "--force"), "--force");
        Refuse(Sweep(3, "--slurm", "2", "--sbatch", "--time=1\nrm"), "--sbatch");
        Refuse(Sweep(3, "--slurm", "2", "--vary", "gain=1,x"), "gain", "'x'");
        Refuse(["sweep", "--seeds", "2", "--data", "-", "--slurm", "2"], "--data");
        Succeed(Sweep(2, "--run", "one"));
        Refuse(["sweep", "--slurm", "2", "--resume", "one"], "not begun with --slurm");
        Refuse(["sweep", "--slurm", "2", "--resume", "one", "--accelerator", "cpu"], "--accelerator", "for a new sweep");
    }

    string Commands => $"{Bin}:/usr/bin:/bin";

    Outcome Call(params string[] args) => MakemoreProcess.Run(args, ("PATH", Commands));

    static string Array(string call) => call.Split(' ')[1]["--array=".Length..];
}
