using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Every intermediate and every gradient of one batch, compared with a reference.</summary>
static class CheckCommand
{
    const int NotApproximate = 1;

    static readonly Option<string?> Against = new("--against")
    {
        Description = "a dump of tensors by another program, in place of the MathNet reference: "
            + "the parameters, Xb and Yb, intermediates, and gradients as NAME.grad",
        HelpName = "FILE.safetensors",
    };

    public static Command Create() =>
        new(
            "check",
            "one batch through the kernels and through a reference: "
            + "each intermediate and gradient exact, approximate, and its largest difference")
        {
            CommonOptions.Accelerator, Against, CommonOptions.Data,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        SafeTensors? dump = parsed.GetValue(Against) is { } path ? SafeTensors.Read(path) : null;
        using var started = new StartedAccelerator(parsed.GetValue(CommonOptions.Accelerator)!);
        IReadOnlyList<TensorComparison> tensors = dump is not null
            ? BatchCheck.AgainstDump(started.Kernels, dump)
            : BatchCheck.AgainstReference(started.Kernels, DrawBatch(started.Kernels, parsed.GetValue(CommonOptions.Data)));

        Table table = new Table().Border(TableBorder.Simple).AddColumns("tensor", "exact", "approximate", "largest difference");
        foreach (TensorComparison tensor in tensors)
        {
            table.AddRow(tensor.Name, YesNo(tensor.Exact), YesNo(tensor.Approximate), Format.Difference(tensor.MaxDifference));
        }
        session.Tables.Write(table);
        int faults = tensors.Count(tensor => !tensor.Approximate);
        string reference = dump is not null ? parsed.GetValue(Against)! : "the MathNet reference in double";
        session.Text.WriteLine($"{started.Found.Name} against {reference}: {tensors.Count - faults} of {tensors.Count} tensors agree");
        session.Result(new { Tensors = tensors });
        return faults == 0 ? 0 : NotApproximate;
    }

    static LectureBatch DrawBatch(KernelSet kernels, string? asked) =>
        LectureBatch.Draw(kernels, Dataset.Create(NamesLocation.Read(asked), Recipe.Named("backprop").Context));

    static string YesNo(bool value) => value ? "yes" : "no";
}
