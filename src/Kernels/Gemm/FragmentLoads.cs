using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The loads of one thread of <see cref="TensorCoreGemm"/> for a tile of A or B: 16 values, staged in registers between global and shared
/// memory. The group computes with one tile while the loads of the next are on their way.
/// </summary>
struct FragmentLoads
{
    // Registers are scarce: only the index of the first row is kept, and the others follow from it.
    int index;
    TwoRows first;
    TwoRows second;

    /// <summary>Starts the loads of the first tile.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <param name="operand">The operand.</param>
    /// <param name="rowStride">From a row to the next.</param>
    /// <param name="thread">The thread's index in its group.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FragmentLoads LoadFirst<TMajor>(Operand operand, int rowStride, int thread)
        where TMajor : struct, IFragmentMajor
    {
        int index = TMajor.GlobalIndex(operand, thread);
        int other = index + TMajor.SecondLoad(rowStride);
        return new()
        {
            index = index,
            first = new()
            {
                Row = TMajor.LoadFirst(operand, index, thread, 0),
                Next = TMajor.LoadFirst(operand, index + rowStride, thread, 1),
            },
            second = new()
            {
                Row = TMajor.LoadFirst(operand, other, thread, 2),
                Next = TMajor.LoadFirst(operand, other + rowStride, thread, 3),
            },
        };
    }

    /// <summary>Starts the same loads of the next tile.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <param name="matrix">The operand.</param>
    /// <param name="rowStride">From a row to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FragmentLoads LoadNext<TMajor>(ArrayView<float> matrix, int rowStride)
        where TMajor : struct, IFragmentMajor
    {
        int next = index + TMajor.TileStride(rowStride);
        int other = next + TMajor.SecondLoad(rowStride);
        return new()
        {
            index = next,
            first = new() { Row = TMajor.Load(matrix, next), Next = TMajor.Load(matrix, next + rowStride) },
            second = new() { Row = TMajor.Load(matrix, other), Next = TMajor.Load(matrix, other + rowStride) },
        };
    }

    /// <summary>Rounds what was loaded to TF32 and stores it to shared memory; this waits for the loads.</summary>
    /// <typeparam name="TMajor">How the operand lies in memory.</typeparam>
    /// <typeparam name="TOperand">Which operand it is.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="shared">Shared memory, from the target of the thread's first float4 on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMajor, TOperand, TTensorCore>(ArrayView<Float4> shared)
        where TMajor : struct, IFragmentMajor
        where TOperand : struct, IFragmentOperand
        where TTensorCore : struct, ITensorCore
    {
        first.Store<TMajor, TOperand, TTensorCore>(shared);
        second.Store<TMajor, TOperand, TTensorCore>(shared.SubView(TMajor.SharedSecondLoad));
    }

    /// <summary>One load: 4 values of a row, and 4 of the next.</summary>
    struct TwoRows
    {
        public Float4 Row;
        public Float4 Next;

        // A float4 of shared memory is a 2 x 2 square of these rows. Either its values of one column are neighbors, or those of one row.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Store<TMajor, TOperand, TTensorCore>(ArrayView<Float4> target)
            where TMajor : struct, IFragmentMajor
            where TOperand : struct, IFragmentOperand
            where TTensorCore : struct, ITensorCore
        {
            Float4 a = Rounded<TTensorCore>(Row);
            Float4 b = Rounded<TTensorCore>(Next);
            if (TMajor.RowsAreLines == TOperand.LinesAreNeighbors)
            {
                target[0] = new(a.X, b.X, a.Y, b.Y);
                target[TMajor.SharedSecondFloat4] = new(a.Z, b.Z, a.W, b.W);
            }
            else
            {
                target[0] = new(a.X, a.Y, b.X, b.Y);
                target[TMajor.SharedSecondFloat4] = new(a.Z, a.W, b.Z, b.W);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Float4 Rounded<TTensorCore>(Float4 values)
            where TTensorCore : struct, ITensorCore =>
            new(TTensorCore.Round(values.X), TTensorCore.Round(values.Y), TTensorCore.Round(values.Z), TTensorCore.Round(values.W));
    }
}

/// <summary>A or B: the order of the two lines over two k-steps in a lane's float4, which a multiplication's registers ask for.</summary>
interface IFragmentOperand
{
    /// <summary>Whether the two lines of a k-step are neighbors; else the two k-steps of a line are.</summary>
    static abstract bool LinesAreNeighbors { get; }
}

/// <summary>A: both lines are rows of one fragment.</summary>
readonly struct LeftOperand : IFragmentOperand
{
    public static bool LinesAreNeighbors => true;
}

/// <summary>B: each line is a column of its own fragment.</summary>
readonly struct RightOperand : IFragmentOperand
{
    public static bool LinesAreNeighbors => false;
}
