using System.CommandLine;
using System.Text;
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

    static readonly Option<string?> PyTorch = new("--pytorch")
    {
        Description = $"write {PyTorchModel.ScriptFile}, a short module that needs nothing but torch, and {PyTorchModel.TensorFile} into "
            + "this folder",
        HelpName = "DIR",
    };

    static readonly Option<bool> Force = new("--force") { Description = "write over files that are there" };

    public static Command Create() =>
        new("export", "writes a model for other programs, as ONNX or as a module of PyTorch")
        {
            CommonOptions.Run, CommonOptions.Model, Onnx, PyTorch, Force,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        (string? onnx, string? pytorch, bool force) = (parsed.GetValue(Onnx), parsed.GetValue(PyTorch), parsed.GetValue(Force));
        if (onnx is null && pytorch is null)
        {
            throw new InvalidRequestException($"export was not told what to write: give {Onnx.Name} FILE or {PyTorch.Name} DIR");
        }
        if (onnx is not null)
        {
            OutputFile.CheckFree(Onnx.Name, onnx, force);
        }
        if (pytorch is not null)
        {
            OutputFile.CheckFree(PyTorch.Name, Path.Combine(pytorch, PyTorchModel.ScriptFile), force);
            OutputFile.CheckFree(PyTorch.Name, Path.Combine(pytorch, PyTorchModel.TensorFile), force);
        }
        ModelFile model = FoundModel.Read(parsed.ValueOf(CommonOptions.Model, CommonOptions.Run), session);
        int context = model.Configuration.Recipe.Context;
        if (onnx is not null)
        {
            byte[] content = OnnxModel.Of(model);
            OutputFile.Write(Path.GetDirectoryName(onnx)!, Path.GetFileName(onnx), content);
            session.Text.WriteLine($"{onnx}  ONNX, {Format.Bytes(content.Length)}: "
                + $"{OnnxModel.Input} int64 [N, {context}] to {OnnxModel.Output} float32 [N, {model.Vocabulary.Count}]");
        }
        string? script = pytorch is null ? null : WritePyTorch(pytorch, model, session);
        session.Result(new { Onnx = onnx, Pytorch = script, Context = context, Vocabulary = model.Vocabulary.Tokens });
        return 0;
    }

    static string WritePyTorch(string folder, ModelFile model, Session session)
    {
        // What training needs to go on stays with its run.
        string tensors = OutputFile.Write(folder, PyTorchModel.TensorFile, path => (model with { Training = null }).Write(path));
        string script = OutputFile.Write(folder, PyTorchModel.ScriptFile, Encoding.UTF8.GetBytes(PyTorchModel.ScriptOf(model)));
        session.Text.WriteLine($"{script}  PyTorch, with {tensors} beside it: logits(contexts), sample(); python {script} prints names");
        return script;
    }
}
