using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Which kernel runs where, what it takes of a GPU, and its source.</summary>
static class KernelsCommand
{
    enum Language
    {
        CSharp,
    }

    static readonly Argument<string?> Name = new("NAME")
    {
        Description = "an operation, such as MatMul, or the type of a kernel, such as TensorCoreGemm; without it all operations",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<Language?> As = CommonOptions.Choice<Language>("--as", "the source of the operation and its kernels");

    public static Command Create() =>
        new("kernels", "which kernel runs each operation, by device and form; of one, registers and shared memory on CUDA, and its source")
        {
            Name, As,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        string? name = parsed.GetValue(Name);
        if (name is null && parsed.GetValue(As) is not null)
        {
            throw new InvalidRequestException($"{As.Name} is for one operation: name it, such as MatMul");
        }
        MappedOperation[] operations = name is null ? [.. KernelMap.Operations] : Find(name);
        if (parsed.GetValue(As) is not null)
        {
            ShowSource(operations, session);
            return 0;
        }
        ConsolePage.Write(session, new Page("Kernels", [.. name is null ? [All(operations)] : operations.SelectMany(SectionsOf)]));
        session.Result(new
        {
            Operations = operations.Select(operation => new
            {
                operation.Name,
                Forms = ByName(KernelMap.Forms, operation.Kernels),
                Cuda = KernelMap.FiguresOf(operation).Select(row => ByName(KernelMap.FigureNames, row)),
            }),
        });
        return 0;
    }

    static Dictionary<string, string> ByName(IEnumerable<string> names, IEnumerable<string> values) =>
        names.Zip(values).ToDictionary(pair => pair.First, pair => pair.Second);

    // An operation of that name; else all that run a kernel of that type.
    static MappedOperation[] Find(string name)
    {
        bool IsName(string other) => other.Equals(name, StringComparison.OrdinalIgnoreCase);
        MappedOperation[] found = [.. KernelMap.Operations.Where(operation => IsName(operation.Name))];
        found = found.Length > 0 ? found : [.. KernelMap.Operations.Where(operation => operation.Types.Any(IsName))];
        return found.Length > 0 ? found : throw new InvalidRequestException(
            $"there is no kernel '{name}': name one of "
            + $"{string.Join(", ", KernelMap.Operations.Select(operation => operation.Name)):whole}");
    }

    static void ShowSource(MappedOperation[] operations, Session session)
    {
        (string Path, string Text)[] files = [.. operations.SelectMany(KernelMap.SourcesOf).DistinctBy(file => file.Path)];
        foreach ((string path, string text) in files)
        {
            session.Text.WriteLine($"// {path}");
            foreach (string line in text.ReplaceLineEndings("\n").Split('\n'))
            {
                session.Text.WriteLine(line);
            }
        }
        session.Result(new { Files = files.Select(file => new { file.Path, file.Text }) });
    }

    static Section All(MappedOperation[] operations) => new("Which kernel runs where")
    {
        Grid = new Grid(
            ["operation", .. KernelMap.Forms], [.. operations.Select(operation => (string[])[operation.Name, .. operation.Kernels])])
        {
            HoldsText = true,
        },
    };

    static IEnumerable<Section> SectionsOf(MappedOperation operation)
    {
        yield return new Section(operation.Name)
        {
            Grid = new Grid(["form", "kernels"], [.. KernelMap.Forms.Zip(operation.Kernels, (form, kernels) => (string[])[form, kernels])])
            {
                HoldsText = true,
            },
        };
        IReadOnlyList<string>[] figures = [.. KernelMap.FiguresOf(operation)];
        if (figures.Length > 0)
        {
            yield return new Section($"{operation.Name} on CUDA")
            {
                Text = "As ILGPU compiles and ptxas assembles it for sm_75, sm_80 and sm_90, where they differ: registers and local memory "
                    + "of a thread, shared memory of a group in bytes, machine instructions.",
                Grid = new Grid(KernelMap.FigureNames, figures),
            };
        }
    }
}
