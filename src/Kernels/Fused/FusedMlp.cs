using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Operations;
using EvaluationLaunch = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<Makemore.Gpu.Kernels.Fused.FusedLayer>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    Makemore.Gpu.Kernels.Fused.FusedShape, Makemore.Gpu.Kernels.Operations.BatchNormConstants, int, int>;
using TrainingLaunch = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<Makemore.Gpu.Kernels.Fused.FusedLayer>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>,
    Makemore.Gpu.Kernels.Fused.FusedShape, Makemore.Gpu.Kernels.Operations.BatchNormConstants, ILGPU.Runtime.SpecializedValue<int>, int, float>;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// Many steps of training in one launch: a persistent kernel of one group, whose threads walk together through the phases of a step. Nothing
/// leaves the processor's cache from one phase to the next, and nothing is launched, copied or waited for between steps.
/// </summary>
public sealed class FusedMlp
{
    readonly Launcher launcher;

    /// <summary>Prepares the kernels. Each is loaded when it is first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public FusedMlp(Launcher launcher)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        this.launcher = launcher;
    }

    TrainingLaunch Training => field ??= launcher.Accelerator.LoadKernel<
        ArrayView<FusedLayer>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        FusedShape, BatchNormConstants, SpecializedValue<int>, int, float>(TrainingKernel);

    EvaluationLaunch Evaluation => field ??= launcher.Accelerator.LoadKernel<
        ArrayView<FusedLayer>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        FusedShape, BatchNormConstants, int, int>(EvaluationKernel);

    /// <summary>Runs steps of training.</summary>
    /// <param name="layers">The layer table.</param>
    /// <param name="parameters">The parameters, as laid out; they move.</param>
    /// <param name="scratch">The scratch, as laid out; 0 before the first step.</param>
    /// <param name="contexts">The contexts of the data set [examples of the set, T].</param>
    /// <param name="targets">The targets of the data set.</param>
    /// <param name="indices">The examples of each step [steps, N].</param>
    /// <param name="record">The loss of each step: the mean of its batch, and the penalties.</param>
    /// <param name="shape">The sizes and places.</param>
    /// <param name="constants">The constants of all normalisations.</param>
    /// <param name="threads">Threads of the group: at most those for which the scratch was laid out.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">The learning rate.</param>
    public void Train(
        ArrayView<FusedLayer> layers, ArrayView<float> parameters, ArrayView<float> scratch, ArrayView<int> contexts, ArrayView<int> targets,
        ArrayView<int> indices, ArrayView<float> record, FusedShape shape, BatchNormConstants constants, int threads, int steps, float learningRate)
    {
        Shape.Check(layers, shape.Layers);
        Shape.Check(contexts, targets.Length * shape.Context);
        Training(
            launcher.Stream, new KernelConfig(1, threads), layers, parameters, scratch, contexts.Cast<float>(), targets.Cast<float>(),
            indices.Cast<float>(), record, shape, constants, SpecializedValue.New(threads), steps, learningRate);
    }

    /// <summary>The loss of each of many examples, normalised by the stored statistics. Each group takes whole batches.</summary>
    /// <param name="layers">The layer table.</param>
    /// <param name="parameters">The parameters, as laid out.</param>
    /// <param name="scratch">The scratch of each group [groups, scratch of a batch].</param>
    /// <param name="contexts">The contexts of the data set [examples of the set, T].</param>
    /// <param name="targets">The targets of the data set.</param>
    /// <param name="indices">The examples.</param>
    /// <param name="results">Their losses, and room for <see cref="FusedLayout.Padding"/> more.</param>
    /// <param name="shape">The sizes and places.</param>
    /// <param name="constants">The constants of all normalisations.</param>
    /// <param name="groups">How many groups.</param>
    public void Losses(
        ArrayView<FusedLayer> layers, ArrayView<float> parameters, ArrayView<float> scratch, ArrayView<int> contexts, ArrayView<int> targets,
        ArrayView<int> indices, ArrayView<float> results, FusedShape shape, BatchNormConstants constants, int groups)
    {
        Shape.Check(layers, shape.Layers);
        Shape.Check(contexts, targets.Length * shape.Context);
        Shape.Check(results, indices.Length + FusedLayout.Padding);
        Evaluation(
            launcher.Stream, new KernelConfig(groups, 1), layers, parameters, scratch, contexts.Cast<float>(), targets.Cast<float>(),
            indices.Cast<float>(), results, shape, constants, shape.Layers, scratch.IntLength / groups);
    }

    /// <summary>
    /// For each batch of many examples, the moments of a layer's linear map, with the layers below normalised by the stored statistics: the mean
    /// of each feature, and the sum of the squared differences from it. Each group takes whole batches.
    /// </summary>
    /// <param name="layers">The layer table.</param>
    /// <param name="parameters">The parameters, as laid out.</param>
    /// <param name="scratch">The scratch of each group [groups, scratch of a batch].</param>
    /// <param name="contexts">The contexts of the data set [examples of the set, T].</param>
    /// <param name="targets">The targets of the data set.</param>
    /// <param name="indices">The examples, in batches of N; the last one as small as it comes.</param>
    /// <param name="results">The means and then the sums of each batch [batches, 2, padded features].</param>
    /// <param name="shape">The sizes and places.</param>
    /// <param name="constants">The constants of all normalisations.</param>
    /// <param name="layer">Which linear layer, from 0.</param>
    /// <param name="groups">How many groups.</param>
    public void Moments(
        ArrayView<FusedLayer> layers, ArrayView<float> parameters, ArrayView<float> scratch, ArrayView<int> contexts, ArrayView<int> targets,
        ArrayView<int> indices, ArrayView<float> results, FusedShape shape, BatchNormConstants constants, int layer, int groups)
    {
        Shape.Check(layers, shape.Layers);
        Shape.Check(contexts, targets.Length * shape.Context);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, shape.Layers);
        Evaluation(
            launcher.Stream, new KernelConfig(groups, 1), layers, parameters, scratch, contexts.Cast<float>(), targets.Cast<float>(),
            indices.Cast<float>(), results, shape, constants, layer, scratch.IntLength / groups);
    }

    // Groups of one thread, so that nothing need be waited for. One kernel for both: loading one takes longer than most of its launches.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void EvaluationKernel(
        ArrayView<FusedLayer> layers, ArrayView<float> parameters, ArrayView<float> scratch, ArrayView<float> contexts, ArrayView<float> targets,
        ArrayView<float> indices, ArrayView<float> results, FusedShape shape, BatchNormConstants constants, int measured, int groupScratch)
    {
        int count = indices.IntLength;
        var worker = new FusedWorker(
            shape, constants, new ViewMemory(parameters, 0), new ViewMemory(scratch, Grid.IdxX * groupScratch), Thread: 0, Threads: 1);
        for (int first = Grid.IdxX * shape.Batch; first < count; first += Grid.DimX * shape.Batch)
        {
            int batch = IntrinsicMath.Min(shape.Batch, count - first);
            worker.Embed(new ViewMemory(contexts, 0), new ViewMemory(targets, 0), new ViewMemory(indices, first), batch);
            int x = shape.Input;
            for (int l = 0; l < measured; l++)
            {
                FusedLayer layer = layers[l];
                worker.ForwardFixed(layer, x);
                x = layer.Y;
            }
            if (measured == shape.Layers)
            {
                worker.Loss(layers[shape.Layers - 1], batch, new ViewMemory(results, first));
            }
            else
            {
                FusedLayer layer = layers[measured];
                int features = FusedWorker.Padded(layer.Outputs);
                var means = new ViewMemory(results, first / shape.Batch * 2 * features);
                worker.Measure(layer, x, batch, means, means.From(features));
            }
        }
    }

    // One group. The number of threads is known when the kernel is compiled: with one, the barriers and the thread's index fall away.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void TrainingKernel(
        ArrayView<FusedLayer> layers, ArrayView<float> parameters, ArrayView<float> scratch, ArrayView<float> contexts, ArrayView<float> targets,
        ArrayView<float> indices, ArrayView<float> record, FusedShape shape, BatchNormConstants constants, SpecializedValue<int> threads, int steps,
        float learningRate)
    {
        int thread = threads.Value == 1 ? 0 : Group.IdxX;
        var worker = new FusedWorker(shape, constants, new ViewMemory(parameters, 0), new ViewMemory(scratch, 0), thread, threads.Value);
        var contextMemory = new ViewMemory(contexts, 0);
        var targetMemory = new ViewMemory(targets, 0);
        for (int step = 0; step < steps; step++)
        {
            worker.Embed(contextMemory, targetMemory, new ViewMemory(indices, step * shape.Batch), shape.Batch);
            // A layer reads every feature of its input.
            Wait(threads);
            int x = shape.Input;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = layers[l];
                worker.Forward(layer, x);
                x = layer.Y;
                // The next layer, or the loss, reads every feature of this one.
                Wait(threads);
            }

            FusedLayer above = layers[shape.Layers - 1];
            worker.Loss(above, shape.Batch, worker.Scratch.From(shape.Losses));
            // The backward pass reads every example's gradient.
            Wait(threads);
            worker.Backward(above, learningRate);
            for (int l = shape.Layers - 2; l >= 0; l--)
            {
                // A gradient comes from every feature of the layer above.
                Wait(threads);
                FusedLayer layer = layers[l];
                worker.Propagate(layer, above);
                worker.Backward(layer, learningRate);
                above = layer;
            }
            // The input's gradient comes from every feature of the first layer.
            Wait(threads);
            worker.PropagateToInput(above);
            // Weights move only when no gradient needs them any more; the table's thread reads every thread's part of the input's gradient.
            Wait(threads);
            int rows = shape.InputRows;
            int rowStride = shape.InputStride;
            for (int l = 0; l < shape.Layers; l++)
            {
                FusedLayer layer = layers[l];
                worker.UpdateWeight(layer, rows, rowStride, learningRate);
                rows = layer.Rows;
                rowStride = layer.RowStride;
            }
            worker.UpdateTable(learningRate, new ViewMemory(record, step));
            // The next step reads the table and writes over tokens and inputs; the penalties come from every thread.
            Wait(threads);
            worker.AddPenalties(new ViewMemory(record, step));
        }
    }

    static void Wait(SpecializedValue<int> threads)
    {
        if (threads.Value > 1)
        {
            Group.Barrier();
        }
    }
}
