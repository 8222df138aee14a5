using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// Eight neighbouring values. Named fields stay in registers on every backend, where an array indexed by a loop would go to memory;
/// compilers for processors make one vector of them.
/// </summary>
public struct Float8
{
    /// <summary>How many values.</summary>
    public const int Length = 8;

    float v0, v1, v2, v3, v4, v5, v6, v7;

    /// <summary>Loads eight values.</summary>
    /// <param name="view">The memory.</param>
    /// <param name="start">Where the first stands.</param>
    /// <param name="stride">From one to the next, in elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 Load(ArrayView<float> view, int start, int stride)
    {
        Float8 result;
        result.v0 = view[start];
        result.v1 = view[start + stride];
        result.v2 = view[start + (2 * stride)];
        result.v3 = view[start + (3 * stride)];
        result.v4 = view[start + (4 * stride)];
        result.v5 = view[start + (5 * stride)];
        result.v6 = view[start + (6 * stride)];
        result.v7 = view[start + (7 * stride)];
        return result;
    }

    /// <summary>Loads the first values only; the others repeat the last of them.</summary>
    /// <param name="view">The memory.</param>
    /// <param name="start">Where the first stands.</param>
    /// <param name="stride">From one to the next, in elements.</param>
    /// <param name="count">How many there are, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float8 LoadFirst(ArrayView<float> view, int start, int stride, int count)
    {
        int last = count - 1;
        Float8 result;
        result.v0 = view[start];
        result.v1 = view[start + (IntrinsicMath.Min(1, last) * stride)];
        result.v2 = view[start + (IntrinsicMath.Min(2, last) * stride)];
        result.v3 = view[start + (IntrinsicMath.Min(3, last) * stride)];
        result.v4 = view[start + (IntrinsicMath.Min(4, last) * stride)];
        result.v5 = view[start + (IntrinsicMath.Min(5, last) * stride)];
        result.v6 = view[start + (IntrinsicMath.Min(6, last) * stride)];
        result.v7 = view[start + (IntrinsicMath.Min(7, last) * stride)];
        return result;
    }

    /// <summary>This + factor · other, value by value.</summary>
    /// <param name="factor">The common factor.</param>
    /// <param name="other">The other eight values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Float8 MultiplyAdd(float factor, Float8 other)
    {
        Float8 result;
        result.v0 = v0 + (factor * other.v0);
        result.v1 = v1 + (factor * other.v1);
        result.v2 = v2 + (factor * other.v2);
        result.v3 = v3 + (factor * other.v3);
        result.v4 = v4 + (factor * other.v4);
        result.v5 = v5 + (factor * other.v5);
        result.v6 = v6 + (factor * other.v6);
        result.v7 = v7 + (factor * other.v7);
        return result;
    }

    /// <summary>Stores the values one after another.</summary>
    /// <param name="view">The memory.</param>
    /// <param name="start">Where the first goes.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int start)
    {
        view[start] = v0;
        view[start + 1] = v1;
        view[start + 2] = v2;
        view[start + 3] = v3;
        view[start + 4] = v4;
        view[start + 5] = v5;
        view[start + 6] = v6;
        view[start + 7] = v7;
    }

    /// <summary>Stores the first values only.</summary>
    /// <param name="view">The memory.</param>
    /// <param name="start">Where the first goes.</param>
    /// <param name="count">How many, at least 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StoreFirst(ArrayView<float> view, int start, int count)
    {
        view[start] = v0;
        StoreIf(count > 1, view, start + 1, v1);
        StoreIf(count > 2, view, start + 2, v2);
        StoreIf(count > 3, view, start + 3, v3);
        StoreIf(count > 4, view, start + 4, v4);
        StoreIf(count > 5, view, start + 5, v5);
        StoreIf(count > 6, view, start + 6, v6);
        StoreIf(count > 7, view, start + 7, v7);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreIf(bool condition, ArrayView<float> view, int index, float value)
    {
        if (condition)
        {
            view[index] = value;
        }
    }
}
