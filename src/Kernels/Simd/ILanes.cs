namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// A few neighboring values that are computed with as one: a vector register of the processor, named fields where there is none, or a
/// value in each thread of a GPU's warp. Code that is generic over its lanes is compiled anew for each kind, as if written for it alone.
/// </summary>
/// <remarks>
/// Where lanes are threads, each thread runs the code. The threads divide what is no vector by <see cref="Thread"/> and
/// <see cref="Threads"/>; a single value that all of them write is the same in each; and before one reads what another wrote, or overwrites
/// what another reads, they <see cref="Sync"/>.
/// </remarks>
interface ILanes<TSelf>
    where TSelf : unmanaged, ILanes<TSelf>
{
    /// <summary>How many lanes there are.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of a GEMM whose accumulators the registers hold at once.</summary>
    static abstract int RegisterRows { get; }

    /// <summary>How many rows <see cref="SumRows"/> sums at a time.</summary>
    static abstract int RowsPerSum { get; }

    /// <summary>How many threads the lanes belong to: 1 where one thread has them all.</summary>
    static abstract int Threads { get; }

    /// <summary>The index of this thread among them.</summary>
    static abstract int Thread { get; }

    /// <summary>
    /// A barrier for the threads of the lanes, after which each sees what the others wrote; nothing where there is one thread.
    /// </summary>
    static abstract void Sync();

    /// <summary>The sum over the threads of the lanes, in each of them; the value itself where there is one thread.</summary>
    static abstract float SumThreads(float value);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Broadcast(float value);

    /// <summary>1 in the first lanes and 0 in the others: the mask that keeps padding out of a sum.</summary>
    /// <param name="count">How many ones: none below 1, all above <see cref="Count"/>.</param>
    static abstract TSelf Ones(int count);

    /// <summary>As many of the first lanes as counted from neighboring values; 0 in the others, whose values are not read.</summary>
    /// <param name="first">The first value.</param>
    /// <param name="count">How many: from 0, all above <see cref="Count"/>.</param>
    static abstract TSelf LoadPartial(ref float first, int count);

    /// <summary>Stores as many of the first lanes as counted, and nothing else.</summary>
    /// <param name="first">Where the first goes.</param>
    /// <param name="count">How many: from 0, all above <see cref="Count"/>.</param>
    void StorePartial(ref float first, int count);

    /// <summary>a + b, lane by lane.</summary>
    static abstract TSelf operator +(TSelf a, TSelf b);

    /// <summary>a - b, lane by lane.</summary>
    static abstract TSelf operator -(TSelf a, TSelf b);

    /// <summary>a · b, lane by lane.</summary>
    static abstract TSelf operator *(TSelf a, TSelf b);

    /// <summary>a / b, lane by lane.</summary>
    static abstract TSelf operator /(TSelf a, TSelf b);

    /// <summary>a · b + c, lane by lane; rounded once where the backend can.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The same for one value, with the digits that a lane gives.</summary>
    static abstract float MultiplyAdd(float a, float b, float c);

    /// <summary>The maximum, lane by lane; b where one of the two is NaN, on every accelerator. A constant must be a.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>√a, lane by lane.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>The value or the nearer bound, lane by lane; NaN stays NaN.</summary>
    static abstract TSelf Clamp(TSelf value, TSelf lowest, TSelf highest);

    /// <summary>a · 2^n, lane by lane, for integral n from -126 to 127.</summary>
    static abstract TSelf Scale(TSelf a, TSelf n);

    /// <summary>e in a = m · 2^e with m in [½, 1), lane by lane, for positive normal numbers a.</summary>
    static abstract TSelf Exponent(TSelf a);

    /// <summary>m in a = m · 2^e with m in [½, 1), lane by lane, for positive normal numbers a.</summary>
    static abstract TSelf Significand(TSelf a);

    /// <summary>
    /// a &lt; b ? less : otherwise, lane by lane, so otherwise where one of the two is NaN. A constant must be b: with a constant a, CUDA
    /// would take NaN for less.
    /// </summary>
    static abstract TSelf Select(TSelf a, TSelf b, TSelf less, TSelf otherwise);

    /// <summary>The sum of the lanes.</summary>
    float Sum { get; }

    /// <summary>The largest lane; any value where one is NaN.</summary>
    float Largest { get; }

    /// <summary>The value of the first lane; of a warp, this thread's.</summary>
    float First { get; }

    /// <summary>
    /// Sums each of <see cref="RowsPerSum"/> rows over its lanes; the sum of row i is in lane i. With a row for each feature, the result
    /// has a feature in each lane.
    /// </summary>
    /// <param name="rows">Rows of <see cref="Count"/> values, one after another. They may be overwritten.</param>
    static abstract TSelf SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, TSelf>;

    /// <summary>Transposes a block of <see cref="Count"/> x <see cref="Count"/> values.</summary>
    /// <param name="source">The block.</param>
    /// <param name="sourceStride">From a row of the block to the next, in values.</param>
    /// <param name="target">Where its transpose goes.</param>
    /// <param name="targetStride">From a row of the transpose to the next, in values.</param>
    static abstract void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, TSelf>;
}
