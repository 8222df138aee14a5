using System.Diagnostics;
using ILGPU;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;

namespace Makemore.Gpu.Benchmarks.Phases;

/// <summary>The steps of the fused kernel for a network of two layers, with a clock that is read after each phase.</summary>
sealed class TimedStep
{
    readonly ThreadWorker worker;
    readonly FusedLayer hidden;
    readonly FusedLayer output;
    readonly ViewMemory data;
    readonly ViewMemory indices;
    readonly long[] ticks;
    int phase;
    long last;

    public TimedStep(FusedNetwork network, DeviceSplit split, ArrayView<int> batches)
    {
        FusedShape shape = network.Shape;
        worker = ThreadWorker.Of(network.Operands(split, batches, results: default), scratch: 0, indexInGroup: 0, index: 0, count: 1);
        (hidden, output) = (network.Layers[0], network.Layers[1]);
        data = new ViewMemory(split.Tokens.Cast<float>(), 0);
        indices = new ViewMemory(batches.Cast<float>(), 0);
        double hiddenGemm = 2.0 * shape.Batch * hidden.Inputs * hidden.Outputs;
        double outputGemm = 2.0 * shape.Batch * output.Inputs * output.Outputs;
        Phases =
        [
            new("take the batch, embed it", 0),
            new("hidden layer forward: product, normalize, tanh", hiddenGemm),
            new("output layer forward: product, bias", outputGemm),
            new("softmax, cross-entropy and their gradient", 0),
            new("output layer backward: bias", 0),
            new("hidden layer backward: product, tanh, normalize", outputGemm),
            new("gradient of the input: product", hiddenGemm),
            new("hidden weights: product and update", hiddenGemm),
            new("output weights: product and update", outputGemm),
            new("embedding table and mean loss", 0),
        ];
        ticks = new long[Phases.Count];
    }

    public IReadOnlyList<Phase> Phases { get; }

    /// <summary>Runs steps.</summary>
    /// <returns>The microseconds of each phase in a step.</returns>
    public double[] Run(int steps, float learningRate)
    {
        Array.Clear(ticks);
        FusedShape shape = worker.Shape;
        for (int step = 0; step < steps; step++)
        {
            (phase, last) = (0, Stopwatch.GetTimestamp());
            int tokens = shape.TokensOf(step);
            worker.GatherBatch(data, indices.From(step * shape.Batch), shape.Batch, tokens);
            worker.Embed(shape.Batch, tokens);
            Lap();
            worker.Forward(hidden, shape.Input);
            Lap();
            worker.Forward(output, hidden.Y);
            Lap();
            worker.Loss(output, shape.Batch, tokens, worker.Losses);
            Lap();
            worker.BackwardLast(output, learningRate);
            Lap();
            worker.Backward(hidden, output, learningRate);
            Lap();
            worker.PropagateToInput(hidden);
            Lap();
            worker.UpdateWeight(hidden, shape.Input, shape.InputRows, shape.InputStride, learningRate);
            Lap();
            worker.UpdateWeight(output, hidden.Y, hidden.Rows, hidden.RowStride, learningRate);
            Lap();
            worker.UpdateTable(tokens, learningRate);
            worker.Record(worker.Chains.Scratch.From(shape.Losses));
            Lap();
        }
        return Array.ConvertAll(ticks, sum => sum * 1e6 / Stopwatch.Frequency / steps);
    }

    void Lap()
    {
        long now = Stopwatch.GetTimestamp();
        ticks[phase++] += now - last;
        last = now;
    }
}
