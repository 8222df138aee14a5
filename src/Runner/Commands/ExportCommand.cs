using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Export;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>A model in the form of other programs.</summary>
static class ExportCommand
{
    static readonly Option<string?> Onnx = new("--onnx")
    {
        Description = $"write the model as ONNX, opset {OnnxGraph.Opset}: from contexts [N, T] to logits [N, V], BatchNorm folded away",
        HelpName = "FILE",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write over files that are there" };

    public static Command Create() =>
        new("export", "writes a model in the form of other programs")
        {
            CommonOptions.Run, CommonOptions.Model, Onnx, Force,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(Onnx) is not { } onnx)
        {
            throw new InvalidRequestException($"export was not told what to write: give {Onnx.Name} FILE");
        }
        OutputFile.CheckFree(Onnx.Name, onnx, parsed.GetValue(Force));
        ModelFile model = FoundModel.Read(parsed.ValueOf(CommonOptions.Model, CommonOptions.Run), session);
        byte[] content = OnnxModel.Of(model);
        OutputFile.Write(Path.GetDirectoryName(onnx)!, Path.GetFileName(onnx), content);
        int context = model.Configuration.Recipe.Context;
        session.Text.WriteLine($"{onnx}  ONNX, {Format.Bytes(content.Length)}: "
            + $"{OnnxModel.Input} int64 [N, {context}] to {OnnxModel.Output} float32 [N, {model.Vocabulary.Count}]");
        session.Result(new { Onnx = onnx, OnnxGraph.Opset, Context = context, Vocabulary = model.Vocabulary.Tokens });
        return 0;
    }
}
