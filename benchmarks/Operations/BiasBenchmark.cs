using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The bias of the layer to the logits.</summary>
public class BiasBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("Bias.Add", "[32, 27]", bench =>
        {
            Operand<float> bias = bench.Input(V), x = bench.InPlace(N, V);
            return new(() => bench.Kernels.Bias.Add(bias.View, N, V, x.View), () => ReferenceOperations.AddBias(x.Matrix, bias.Vector));
        }),
        new("Bias.ColumnSums", "[32, 27]", bench =>
        {
            Operand<float> dy = bench.Input(N, V), dBias = bench.Output(V);
            return new(() => bench.Kernels.Bias.ColumnSums(dy.View, N, V, dBias.View), () => ReferenceOperations.ColumnSums(dy.Matrix));
        }),
    ];
}
