using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>
/// The operands of one operation on one accelerator, and which of them are copied there before it and back after it. Values are drawn
/// between -1 and 1, the same ones each time.
/// </summary>
/// <param name="kernels">The kernels.</param>
sealed class Bench(KernelSet kernels) : IDisposable
{
    readonly System.Random random = new(Seed: 42);
    readonly List<IOperand> inputs = [];
    readonly List<IOperand> outputs = [];
    readonly Stack<IDisposable> owned = [];

    /// <summary>The kernels.</summary>
    public KernelSet Kernels => kernels;

    /// <summary>A matrix or vector that the operation reads.</summary>
    /// <param name="shape">Its sizes.</param>
    public Operand<float> Input(params int[] shape)
    {
        var values = new float[Length(shape)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (2 * random.NextSingle()) - 1;
        }
        return Keep(new Operand<float>(kernels, Rows(shape), values), inputs);
    }

    /// <summary>Indices that the operation reads.</summary>
    /// <param name="length">How many.</param>
    /// <param name="below">What all of them are below.</param>
    public Operand<int> Indices(int length, int below) =>
        Keep(new Operand<int>(kernels, rows: 1, [.. Enumerable.Range(0, length).Select(_ => random.Next(below))]), inputs);

    /// <summary>Where training stands: at step 0.</summary>
    /// <param name="learningRate">The learning rate.</param>
    public Operand<StepState> State(float learningRate = 0) =>
        Own(new Operand<StepState>(kernels, rows: 1, [new StepState(0, learningRate)]));

    /// <summary>A matrix or vector that the operation writes.</summary>
    /// <param name="shape">Its sizes.</param>
    public Operand<float> Output(params int[] shape) => Keep(new Operand<float>(kernels, Rows(shape), new float[Length(shape)]), outputs);

    /// <summary>Indices that the operation writes.</summary>
    /// <param name="length">How many.</param>
    public Operand<int> OutputIndices(int length) => Keep(new Operand<int>(kernels, rows: 1, new int[length]), outputs);

    /// <summary>A matrix or vector that the operation reads and overwrites.</summary>
    /// <param name="shape">Its sizes.</param>
    public Operand<float> InPlace(params int[] shape)
    {
        Operand<float> operand = Input(shape);
        outputs.Add(operand);
        return operand;
    }

    /// <summary>Takes over what must be disposed of with the bench, and before everything that it took over earlier.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="disposable">What is taken over.</param>
    public T Own<T>(T disposable)
        where T : IDisposable
    {
        owned.Push(disposable);
        return disposable;
    }

    /// <summary>Starts the copies of the inputs to the accelerator.</summary>
    public void CopyInputs() => inputs.ForEach(operand => operand.CopyToAccelerator());

    /// <summary>Starts the copies of the outputs to the host.</summary>
    public void CopyOutputs() => outputs.ForEach(operand => operand.CopyToHost());

    /// <inheritdoc/>
    public void Dispose()
    {
        while (owned.TryPop(out IDisposable? disposable))
        {
            disposable.Dispose();
        }
    }

    static int Length(int[] shape) => shape.Aggregate((product, size) => product * size);

    static int Rows(int[] shape) => shape.Length == 1 ? 1 : shape[0];

    Operand<T> Keep<T>(Operand<T> operand, List<IOperand> copied)
        where T : unmanaged
    {
        copied.Add(operand);
        return Own(operand);
    }
}
