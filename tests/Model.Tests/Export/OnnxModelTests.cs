using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Export;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Export;

/// <summary>What is refused. What is written is run in <c>tests/Onnx.Tests</c>.</summary>
sealed class OnnxModelTests
{
    [Test]
    public void A_model_with_a_deviation_of_0_is_refused()
    {
        using Mlp network = Networks.WithStatistics(Accelerators.Cpu, Recipe.Named("batchnorm") with { Hidden = [5] });
        var configuration = new Configuration(network.Recipe, Steps: 0, DropAt: 0, Seeds.LectureSeed);
        var model = ModelFile.Of(network, configuration, TestData.Embedded, step: 0);
        var tensors = new Dictionary<string, StoredTensor>(model.Tensors) { ["bnstd_running"] = StoredTensor.Of([5], [1, 2, 0, 3, 4]) };
        Assert.That(
            () => OnnxModel.Of(model with { Tensors = tensors }),
            Throws.InstanceOf<InvalidRequestException>().With.Message.Contains("bnstd_running"));
    }
}
