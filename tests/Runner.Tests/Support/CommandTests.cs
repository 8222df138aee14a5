using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;

// The working folder and the environment, by which the program finds its files, are the process's.
[assembly: NonParallelizable]

namespace Makemore.Gpu.Runner.Tests.Support;

/// <summary>
/// Tests of the command line, each in a folder of its own that goes with it: the working folder, and the user's data folder within.
/// </summary>
abstract class CommandTests
{
    protected const int Done = 0;
    protected const int FailedAtWork = 1;
    protected const int WrongCall = 2;
    protected const int Interrupted = 130;

    /// <summary>The names of all recipes.</summary>
    protected static readonly string[] Recipes =
        ["naive", "small-logits", "scaled-hidden", "kaiming", "batchnorm", "backprop", "deep-linear", "deep-tanh", "deep-batchnorm"];

    const string DataFolderVariable = "XDG_DATA_HOME";

    string? formerFolder;
    string? formerDataFolder;

    protected string Folder { get; private set; } = "";

    /// <summary>Whether other accelerators have a say in the tests.</summary>
    protected virtual bool AsksOtherAccelerators => false;

    [OneTimeSetUp]
    public void SkipOtherAccelerators()
    {
        if (!AsksOtherAccelerators)
        {
            NeedCpuAccelerator();
        }
    }

    [SetUp]
    public void EnterFolder()
    {
        Folder = Directory.CreateTempSubdirectory("makemore-tests-").FullName;
        formerFolder = Environment.CurrentDirectory;
        formerDataFolder = Environment.GetEnvironmentVariable(DataFolderVariable);
        Environment.CurrentDirectory = Folder;
        Environment.SetEnvironmentVariable(DataFolderVariable, Path.Combine(Folder, "user-data"));
    }

    [TearDown]
    public void LeaveFolder()
    {
        Environment.SetEnvironmentVariable(DataFolderVariable, formerDataFolder);
        Environment.CurrentDirectory = formerFolder!;
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs the program in this process.</summary>
    protected static Outcome Run(params string[] args) => Run(new StringWriter(), CancellationToken.None, args);

    protected static Outcome Run(StringWriter output, CancellationToken cancellation, params string[] args)
    {
        using var error = new StringWriter();
        int exitCode = Program.Run(args, output, error, cancellation);
        return new Outcome(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The names that a model makes up.</summary>
    protected static string[] Sample(string model, params string[] options) =>
    [
        .. Succeed(["sample", "--model", model, "--accelerator", "cpu", "--json", .. options])
            .Json.GetProperty("names").EnumerateArray().Select(name => name.GetString()!),
    ];

    /// <summary>Runs what must succeed.</summary>
    protected static Outcome Succeed(params string[] args)
    {
        Outcome outcome = Run(args);
        Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
        return outcome;
    }

    /// <summary>Runs what must be refused: exit code 2, one line of error that holds the mentions, no result, nothing written.</summary>
    protected Outcome Refuse(string[] args, params string[] mentions)
    {
        string[] before = Listing();
        Outcome outcome = Run(args);
        using (Assert.EnterMultipleScope())
        {
            outcome.AssertFailed(WrongCall, mentions);
            Assert.That(outcome.Output, Does.Not.Contain("step 0 ").And.Not.Contain("losses"));
            Assert.That(Listing(), Is.EqualTo(before));
        }
        return outcome;
    }

    /// <summary>Trains a small model on a small list of names, in a second at most; any option can be given another value.</summary>
    protected static Outcome Train(params string[] options) => Succeed(Training(options));

    /// <summary>The call that <see cref="Train"/> makes.</summary>
    protected static string[] Training(params string[] options)
    {
        string[] args = options;
        (string Option, string Value)[] small =
            [("--data", SmallNames.Write()), ("--accelerator", "cpu"), ("--hidden", "8"), ("--batch", "8"), ("--steps", "10")];
        foreach ((string option, string value) in small)
        {
            args = args.Contains(option) ? args : [option, value, .. args];
        }
        return ["train", .. args];
    }

    /// <summary>Writes a file into the test's folder, and gives its name.</summary>
    protected static string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(name, bytes);
        return name;
    }

    protected static string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <summary>Everything in the test's folder, each file with its content's fingerprint.</summary>
    protected string[] Listing()
    {
        string[] paths = Directory.GetFileSystemEntries(Folder, "*", SearchOption.AllDirectories);
        return [.. paths.Order(StringComparer.Ordinal).Select(Fingerprint)];

        string Fingerprint(string path)
        {
            string content = File.Exists(path) ? Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))) : "a folder";
            return $"{Path.GetRelativePath(Folder, path)}: {content}";
        }
    }

    /// <summary>Skips tests that work on the CPU accelerator alone, where a test run is for other accelerators.</summary>
    protected internal static void NeedCpuAccelerator()
    {
        if (Environment.GetEnvironmentVariable("MAKEMORE_TEST_ACCELERATORS") is { Length: > 0 } asked
            && !asked.Contains("cpu", StringComparison.OrdinalIgnoreCase))
        {
            Assert.Ignore($"it works on the CPU accelerator, and MAKEMORE_TEST_ACCELERATORS is {asked}");
        }
    }

    /// <summary>Skips a test on a system that keeps the user's data where a test cannot move it.</summary>
    protected void NeedOwnDataFolder()
    {
        string path = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        if (!path.StartsWith(Folder, StringComparison.Ordinal))
        {
            Assert.Ignore($"the user's data folder cannot be moved by {DataFolderVariable} on this system");
        }
    }

    /// <summary>Runs the program until it has written a line with a certain text, and stops it then.</summary>
    protected static Outcome RunUntil(string text, params string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var output = new WriterThatActs(text, stop.Cancel);
        return Run(output, stop.Token, args);
    }

    /// <summary>Runs the program, and does something when it has written a line with a certain text.</summary>
    protected static Outcome RunWhile(string text, Action act, params string[] args)
    {
        using var output = new WriterThatActs(text, act);
        return Run(output, CancellationToken.None, args);
    }

    /// <summary>Does something as soon as the program has first written a line with a certain text.</summary>
    sealed class WriterThatActs(string text, Action act) : StringWriter(CultureInfo.InvariantCulture)
    {
        bool hasActed;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (!hasActed && value!.Contains(text, StringComparison.Ordinal))
            {
                hasActed = true;
                act();
            }
        }
    }
}
