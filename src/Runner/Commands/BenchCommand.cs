using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Runner.Bench;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The speed of every operation, beside what the accelerator can do at most.</summary>
static class BenchCommand
{
    const double DefaultSeconds = 0.5;
    const double QuickSeconds = 0.1;
    const double MostSeconds = 60;

    static readonly Option<bool> Quick = new("--quick")
    {
        Description = "in less than half a minute: smaller large sizes, and less time for each operation",
    };

    static readonly Option<double?> Seconds = CommonOptions.Number<double>(
        "--seconds", $"how long each operation is measured at least; {DefaultSeconds}, with {Quick.Name} {QuickSeconds}");

    static readonly Option<string?> Folder = new("--run")
    {
        Description = "a folder for the report and for the roofline as a picture, PNG and SVG; without it nothing is written",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write into a folder that exists" };

    public static Command Create() =>
        new(
            "bench",
            "how fast each operation and a step of training is, at the lectures' and at large sizes: time, GFLOP/s, GB/s, and the share of "
            + "what the accelerator can do at most, measured by multiply-adds and by a copy")
        {
            CommonOptions.Accelerator, Quick, Seconds, Folder, Force,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        // Everything that can be wrong is found before anything is written.
        bool isQuick = parsed.GetValue(Quick);
        double seconds = parsed.GetValue(Seconds) ?? (isQuick ? QuickSeconds : DefaultSeconds);
        if (seconds is not (> 0 and <= MostSeconds))
        {
            throw new InvalidRequestException($"{Seconds.Name} is {seconds} and must be above 0 and at most {MostSeconds}");
        }
        string? folder = parsed.GetValue(Folder);
        if (folder is not null)
        {
            OutputFolder.CheckFree(folder, parsed.GetValue(Force), [OutputFolder.ReportFile]);
        }
        using var started = ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!);
        session.Tell("accelerator", $"{started.Found.Name}, {started.Found.Description}");
        session.TellEnd();
        BenchResults results = Measure(started, isQuick, seconds, session);

        Page page = BenchPage.Of(results);
        PageFiles? files = null;
        if (folder is null)
        {
            ConsolePage.Write(session, page);
        }
        else
        {
            files = OutputFolder.WritePage(
                folder, "bench", parsed.GetValue(Force), path => PageFiles.Write(session, page, path));
        }
        session.Result(BenchPage.Result(results, files?.Report, files?.Pictures ?? []));
        return 0;
    }

    static BenchResults Measure(ComputeDevice started, bool isQuick, double seconds, Session session)
    {
        MeasuredSizes large = MeasuredSizes.Large(started.Kernels.Launcher.Shape.IsGpu, isQuick);
        var names = NamesFile.Embedded();
        Operation[] ofLectures = [.. MeasuredSizes.Lectures.Operations(started.Kernels, names)];
        Operation[] ofLarge = [.. large.Operations(started.Kernels, names)];
        var meter = new OperationMeter(started.Kernels, seconds);
        using var progress = SlowWork.Of(session, "operations", ofLectures.Length + ofLarge.Length);

        Roofline before = meter.MeasureDevice();
        Measurement[] lectures = [.. ofLectures.Select(Measured)];
        Measurement[] larger = [.. ofLarge.Select(Measured)];
        session.Cancellation.ThrowIfCancellationRequested();
        Roofline roofline = before.Max(meter.MeasureDevice());
        return new(started.Found, started.Kernels.Vectors, isQuick, seconds, roofline, lectures, larger);

        Measurement Measured(Operation operation)
        {
            Measurement measurement = meter.Measure(operation, session.Cancellation);
            progress.Report(1);
            return measurement;
        }
    }
}
